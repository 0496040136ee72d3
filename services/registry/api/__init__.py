"""The HTTP resources of registry: one router and its bodies per file."""
