"""The rules of visits: standard library and kernel only; no I/O, no clock, no randomness."""
