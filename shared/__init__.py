"""Floors that all four services stand on; imports go downwards only."""
