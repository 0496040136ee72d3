"""The reads of reporting; they return views, never documents."""
