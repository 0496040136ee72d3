"""The use cases of matching, one function each."""
