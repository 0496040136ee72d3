"""Tests that need servers of their own: what other modules leave in topics and runtime databases would count here."""
