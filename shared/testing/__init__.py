"""Twins, builders and waiting for tests; never imported by production code."""
