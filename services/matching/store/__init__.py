"""Where aggregates of matching become documents and back."""

from services.matching.store.repositories import LAYOUT, PINS, PROPOSALS, ROUNDS, TANDEMS

__all__ = ["LAYOUT", "PINS", "PROPOSALS", "ROUNDS", "TANDEMS"]
