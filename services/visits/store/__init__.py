"""Where aggregates of visits become documents and back."""

from services.visits.store.repositories import ACTIVITIES, LAYOUT, REQUESTS, VISITS

__all__ = ["ACTIVITIES", "LAYOUT", "REQUESTS", "VISITS"]
