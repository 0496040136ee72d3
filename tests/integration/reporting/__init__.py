"""Reporting on the real stack, the other services' parts played by hand."""
