"""Visits on the real stack, without the other services."""
