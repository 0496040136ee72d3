"""Candidates as they are answered."""

from typing import Any

from pydantic import BaseModel, Field

from services.matching.api.views import Reasons
from services.matching.api.words import worded
from services.matching.domain.candidates import Candidates

_WHY = [
    {
        "rule": "language",
        "language": "ar",
        "level": "native",
        "title": "Gemeinsame Sprache",
        "sentence": "Beide sprechen Arabisch (mindestens Muttersprache).",
    }
]


class CandidateView(BaseModel):
    """A mentor that fits, and why. `price` is what her place was worth to others in the last round."""

    engagement: str = Field(examples=["eng_3c9k0000000000000000000000"])
    fit: dict[str, int] = Field(examples=[{"language": 300, "distance": 200, "total": 500}])
    price: int = Field(examples=[0])
    free_places: int = Field(examples=[1])
    why: Reasons = Field(examples=[_WHY])


class OtherView(BaseModel):
    """A mentor that does not fit, and the rule she fails at first."""

    engagement: str
    reason: dict[str, Any] = Field(examples=[{"rule": "language", "language": "fa", "needed": "B1", "has": "A2"}])


class CandidatesView(BaseModel):
    """Candidates, best first; the others with their reason, and all of them counted; what would help."""

    participation: str = Field(examples=["ptc_3c9k0000000000000000000000"])
    date: str = Field(examples=["2026-01-15"])
    candidates: list[CandidateView]
    others: list[OtherView]
    others_by_rule: Reasons = Field(examples=[[{"rule": "language", "mentors": 4, "title": "Gemeinsame Sprache"}]])
    would_help: Reasons


def candidates_body(found: Candidates, day: str, language: str) -> dict[str, Any]:
    """A ``CandidatesView`` as plain data: checking a thousand rows once more would take longer than finding them."""
    return {
        "participation": found.participation,
        "date": day,
        "candidates": [
            {
                "engagement": one.engagement,
                "fit": one.fit.document(),
                "price": one.price,
                "free_places": one.free_places,
                "why": [worded(reason, language, "fit") for reason in one.why],
            }
            for one in found.candidates
        ],
        "others": [{"engagement": one.engagement, "reason": worded(one.reason, language)} for one in found.others],
        "others_by_rule": [
            worded({"rule": rule, "mentors": mentors}, language, "count") for rule, mentors in found.counts
        ],
        "would_help": [worded(reason, language, "help") for reason in found.would_help],
    }
