"""Documents that matching makes."""
