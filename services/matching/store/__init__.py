"""Where aggregates of matching become documents and back."""

from services.matching.store.repositories import LAYOUT, PROPOSALS, ROUNDS, TANDEMS

__all__ = ["LAYOUT", "PROPOSALS", "ROUNDS", "TANDEMS"]
