"""The use cases of visits, one function each."""
