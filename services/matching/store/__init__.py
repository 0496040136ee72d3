"""Where aggregates of matching become documents and back."""
