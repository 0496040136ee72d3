"""The HTTP resources of visits: one router and its bodies per file."""
