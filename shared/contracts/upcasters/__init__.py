"""Small chained steps that lift events of older versions."""
