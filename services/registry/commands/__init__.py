"""The use cases of registry, one function each."""
