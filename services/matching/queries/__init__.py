"""The reads of matching; they return views, never documents."""
