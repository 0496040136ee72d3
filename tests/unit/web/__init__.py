"""The HTTP floor over a store in memory."""
