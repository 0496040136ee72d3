"""Numbered steps that bring a city's database of reporting to the present form."""
