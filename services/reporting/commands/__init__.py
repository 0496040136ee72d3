"""The use cases of reporting, one function each."""
