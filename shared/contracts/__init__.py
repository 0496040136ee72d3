"""The published language: event envelopes, topics and their contracts."""
