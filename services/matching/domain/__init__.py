"""The rules of matching: standard library and kernel only; no I/O, no clock, no randomness."""
