"""The reads of registry; they return views, never documents."""
