"""Where aggregates of reporting become documents and back."""
