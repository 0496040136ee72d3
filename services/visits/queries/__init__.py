"""The reads of visits; they return views, never documents."""
