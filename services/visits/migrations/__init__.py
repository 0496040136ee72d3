"""Numbered steps that bring a city's database of visits to the present form."""
