"""Rounds that were only tried, and policies that were only compared, as they are answered."""

from typing import Any

from pydantic import BaseModel, Field

from services.matching.api.views.fairness import LoadView, RatesView, WaitingDays, WayView
from services.matching.commands.try_round import Compared, TriedRound, TryRound

_COUNTS = {"families": 31, "open": 24, "consenting": 22, "urgent": 3, "urgent_share": 1250, "mentors": 9, "places": 12}


class OutcomeView(BaseModel):
    """What a round would come to; shares in basis points."""

    counts: dict[str, int] = Field(
        description="Families, those without a tandem (`open`), urgent ones of these and their share, mentors, free "
        "places, pairs that pass every rule (`edges`).",
        examples=[{**_COUNTS, "edges": 57}],
    )
    matched: int
    urgent: int = Field(description="Of those matched.")
    wait_bands: list[list[int]] = Field(description="`[band, matched]`, longest first.", examples=[[[12, 3], [4, 1]]])
    fit: int
    matchable: int
    waiting_days: WaitingDays
    waiting_days_matchable: WaitingDays
    order_violations: int
    load: LoadView
    compared: dict[str, WayView]


class MoreView(BaseModel):
    """What one rule stands in the way of."""

    edges: int
    matched: int


class DryRunView(OutcomeView):
    """A round that was not held. `input_sha256` names the pool: whoever holds the round may ask for this very one."""

    programme: str
    programmes: list[str] = Field(description="All that share the pool.")
    date: str
    policy: dict[str, Any]
    relaxed: list[str]
    without_candidate: dict[str, int]
    rates: dict[str, RatesView]
    more_if_soft: dict[str, MoreView] = Field(
        description="For each rule: pairs and families more, exactly, if this rule alone decided nothing.",
        examples=[{"district": {"edges": 212, "matched": 4}, "language": {"edges": 90, "matched": 0}}],
    )
    left_out: list[dict[str, str]]
    input_sha256: str


class PreviewView(BaseModel):
    """What a policy would change: `gone` and `new` are pairs of an engagement and a participation."""

    basis: str = Field(
        examples=["round"],
        description="`round`: the file of the programme's last round; `pool`: today's pool, where that is to change "
        "(musts, languages, programmes that share it) or no round has been held.",
    )
    round: str | None
    date: str
    before: OutcomeView
    after: OutcomeView
    kept: int
    gone: list[list[str]]
    new: list[list[str]]


def tried_view(command: TryRound, tried: TriedRound) -> DryRunView:
    """A round that was not held."""
    return DryRunView(
        **tried.found,
        programme=command.programme,
        programmes=list(tried.pool.slugs),
        date=command.date,
        policy=tried.policy,
        relaxed=list(command.soft),
    )


def compared_view(compared: Compared) -> PreviewView:
    """Two policies side by side."""
    basis = "pool" if compared.round is None else "round"
    return PreviewView(**compared.found, basis=basis, round=compared.round, date=compared.date)
