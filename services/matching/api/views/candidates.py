"""Candidates as they are answered."""

from typing import Any

from pydantic import BaseModel, Field

from services.matching.api.views import Reasons


class CandidateView(BaseModel):
    """A mentor that fits. ``price`` is what her place was worth to others in the last round."""

    engagement: str
    fit: dict[str, int]
    price: int
    free_places: int


class OtherView(BaseModel):
    """A mentor that does not fit, and the rule she fails at first."""

    engagement: str
    reason: dict[str, Any] = Field(examples=[{"rule": "language", "language": "fa", "needed": "B1", "has": "A2"}])


class CandidatesView(BaseModel):
    """Candidates, best first; the others with their reason; what would help."""

    participation: str
    date: str
    candidates: list[CandidateView]
    others: list[OtherView]
    would_help: Reasons
