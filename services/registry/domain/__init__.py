"""The rules of registry: standard library and kernel only; no I/O, no clock, no randomness."""
