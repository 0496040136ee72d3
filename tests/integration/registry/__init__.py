"""Registry's API on the real stack, without the other services."""
