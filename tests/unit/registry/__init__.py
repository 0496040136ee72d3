"""Registry's rules, without any server."""
