"""The HTTP resources of matching: one router and its bodies per file."""
