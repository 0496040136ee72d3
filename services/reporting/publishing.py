"""Aggregates as contracts: the only file of reporting that knows both words."""
