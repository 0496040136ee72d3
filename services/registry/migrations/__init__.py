"""Numbered steps that bring a city's database of registry to the present form."""
