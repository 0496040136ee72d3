"""Tokens and grants, attacked."""
