"""Principals, grants, tokens; sealing and audit as ports."""
