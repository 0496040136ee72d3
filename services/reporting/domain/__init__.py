"""The rules of reporting: standard library and kernel only; no I/O, no clock, no randomness."""
