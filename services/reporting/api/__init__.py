"""The HTTP resources of reporting: one router and its bodies per file."""
