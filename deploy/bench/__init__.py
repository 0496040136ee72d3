"""Benchmarks: each compares the product with a bare peer in the same run, in turns. Nothing imports this room."""
