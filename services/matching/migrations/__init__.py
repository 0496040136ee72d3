"""Numbered steps that bring a city's database of matching to the present form."""
