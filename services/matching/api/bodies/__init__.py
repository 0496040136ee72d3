"""What matching is asked to do: shapes of requests."""
