"""Logs and metrics: what may leave the process."""
