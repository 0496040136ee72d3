"""Aggregates as contracts: the only file of matching that knows both words."""
