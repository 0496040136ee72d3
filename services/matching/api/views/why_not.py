"""Why a pair is no proposal, as it is answered."""

from typing import Any

from pydantic import BaseModel, Field

from services.matching.api.views import Reasons
from services.matching.api.words import worded
from services.matching.domain.why_not import Proof, Verdict

_REASON = {
    "rule": "better-elsewhere",
    "points": 25,
    "title": "Passt anderswo besser",
    "sentence": "Die Runde wäre im Ganzen um 25 Punkte schlechter.",
}


class ProofView(BaseModel):
    """What shows the gap by subtraction: `family_price + mentor_price - weight`; the weight is `unit * rank + fit`.

    The prices are those of the round's certificate: together they are at least the weight of every pair that passes
    the rules, and all of them add up to what the round reached. So a round with this pair reaches `gap` less at least.
    """

    family_price: int = Field(examples=[3505])
    mentor_price: int = Field(examples=[500])
    weight: int = Field(examples=[3980])
    unit: int = Field(examples=[3321])
    rank: int = Field(examples=[1])
    fit: int = Field(examples=[659])
    gap: int = Field(examples=[25])


class WhyNotView(BaseModel):
    """The reason; `round` is the one that it is of, `null` where it is about the day.

    `costs` is by how much the best round with this pair is worse, exactly: the gap, and what making room costs along
    the cheapest chain of moves. It is `null` where that takes too long to find.
    """

    engagement: str = Field(examples=["eng_3c9k0000000000000000000000"])
    participation: str = Field(examples=["ptc_3c9k0000000000000000000000"])
    date: str = Field(examples=["2026-01-15"])
    round: str | None = Field(default=None, examples=["rnd_3c9k0000000000000000000000"])
    reason: dict[str, Any] = Field(examples=[_REASON])
    why: Reasons = Field(default_factory=list, examples=[[]])
    proof: ProofView | None = None
    costs: int | None = Field(default=None, examples=[25])


class MentorView(BaseModel):
    """One mentor of the round and why she was not proposed for a participation; `gap` where she passes every rule."""

    engagement: str = Field(examples=["eng_3c9k0000000000000000000000"])
    reason: dict[str, Any] = Field(examples=[_REASON])
    gap: int | None = Field(default=None, examples=[25])


def proof_view(proof: Proof) -> ProofView:
    """The proof with its difference."""
    return ProofView(
        family_price=proof.family_price,
        mentor_price=proof.mentor_price,
        weight=proof.weight,
        unit=proof.unit,
        rank=proof.rank,
        fit=proof.fit,
        gap=proof.gap,
    )


def mentor_view(engagement: str, verdict: Verdict, language: str) -> MentorView:
    """One mentor of a list."""
    return MentorView(
        engagement=engagement,
        reason=worded(verdict.reason, language),
        gap=verdict.proof.gap if verdict.proof else None,
    )
