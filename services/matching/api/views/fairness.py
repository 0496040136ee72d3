"""How fair rounds were, as it is answered."""

from collections.abc import Collection
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from services.matching.domain.rounds import Round
from services.matching.domain.suppress import suppressed
from shared.web.bodies import View


class WaitingDays(BaseModel):
    """Days of waiting on the round's date; empty where nobody is left."""

    p50: int | None = Field(None, examples=[18])
    p95: int | None = Field(None, examples=[62])
    max: int | None = Field(None, examples=[66])


class GroupView(BaseModel):
    """One group; every count is ``null`` where one of them is small and the caller must not see single cases."""

    value: str = Field(examples=["ar"])
    families: int | None = Field(examples=[40])
    matchable: int | None = Field(examples=[32])
    matched: int | None = Field(examples=[24])
    rate: int | None = Field(None, description="matched of matchable, in basis points", examples=[7_500])


class RatesView(BaseModel):
    """Groups, and the lowest rate over the highest (basis points) among those with five families or more."""

    groups: list[GroupView]
    least_over_most: int | None = Field(None, examples=[9_100])


class LoadView(BaseModel):
    """Mentors with places after the round; the Gini coefficient of their use in basis points."""

    mentors: int | None
    idle: int | None
    full: int | None
    gini: int


class WayView(BaseModel):
    """What a way of matching reaches on the same file."""

    matched: int | None
    urgent: int | None
    fit: int | None
    waiting_days_matchable: WaitingDays


class FairnessView(View):
    """A round's report; ``id`` is the round's. What is hidden is ``null``, or left out of the days."""

    model_config = ConfigDict(json_schema_extra={"description": "Whole numbers only; rates in basis points."})

    programme: str
    date: str
    hidden: bool = Field(description="whether small groups are hidden from this caller")
    families: int | None = Field(description="those without a tandem, a proposal that both were told, or a pin")
    urgent: int | None
    matched: int | None
    matchable: int | None = Field(description="those with at least one mentor who passes every rule")
    without_candidate: dict[str, int | None] = Field(
        description="the others by the rule at which the last mentor falls out", examples=[{"language": 7}]
    )
    waiting_days: WaitingDays
    waiting_days_matchable: WaitingDays
    order_violations: int = Field(description="families passed over for somebody as urgent who waited a band less")
    rates: dict[str, RatesView]
    load: LoadView
    blocking_pairs: int | None
    compared: dict[str, WayView] = Field(description="the round, greedy by weight, first come first served")


def fairness_view(held: Round, whole: Collection[str]) -> FairnessView:
    """The report; without small groups where not all single cases of its programmes (``whole``) may be read."""
    hidden = not {*held.slugs} <= {*whole}
    report: dict[str, Any] = suppressed(held.fairness) if hidden else held.fairness
    return FairnessView(
        id=held.id,
        version=held.version,
        actions=[],
        programme=held.programme,
        date=held.date,
        hidden=hidden,
        **report,
    )
