"""Where aggregates of registry become documents and back."""
