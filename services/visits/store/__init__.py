"""Where aggregates of visits become documents and back."""
