"""Shapes that several resources share, and what a list may show."""

from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from shared.security.grants import Scope
from shared.web.bodies import Body, Code, Day, id_of
from shared.web.desk import RequestDesk

CohortId = Annotated[str, id_of("coh")]
AttendanceId = Annotated[str, id_of("att")]
OutcomeId = Annotated[str, id_of("out")]
CertificateId = Annotated[str, id_of("crt")]
SeriesId = Annotated[str, id_of("ser")]
MeetingId = Annotated[str, id_of("mtg")]
ConsentId = Annotated[str, id_of("con")]
ProofId = Annotated[str, id_of("prf")]
ErasureId = Annotated[str, id_of("era")]
Gender = Literal["f", "m", "x"]
Slot = Annotated[
    str,
    StringConstraints(pattern=r"^(mon|tue|wed|thu|fri|sat|sun)-(am|noon|pm|eve)$"),
    Field(examples=["wed-pm"]),
]

ClockTime = Annotated[str, StringConstraints(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$"), Field(examples=["09:00"])]
Places = Annotated[int, Field(ge=1, le=1_000, examples=[12])]
"""How many somewhere takes."""


class DayBody(Body):
    """A day."""

    on: Day = Field(examples=["2026-03-01"])


class LeaveBody(Body):
    """A day and a reason."""

    on: Day = Field(examples=["2026-06-30"])
    reason: Code = Field(examples=["moved_away"])


def tuples(values: dict[str, Any]) -> dict[str, Any]:
    """A patch's lists as aggregates keep them."""
    return {name: tuple(value) if isinstance(value, list) else value for name, value in values.items()}


async def special_key(desk: RequestDesk) -> bytes:
    """The city's key for tokens of special topics."""
    return await desk.store.city_key(desk.city, "special")


async def search_key(desk: RequestDesk) -> bytes:
    """The city's key for search tokens."""
    return await desk.store.city_key(desk.city, "search")


def visible(scope: Scope) -> dict[str, Any]:
    """The filter of a list: what any of the caller's grants reaches. What is at no site is against no grant."""
    if scope.everything:
        return {}
    reaches: list[dict[str, Any]] = []
    for reach in scope.reaches:
        limits: dict[str, Any] = {}
        if reach.programmes is not None:
            limits["programme"] = {"$in": sorted(reach.programmes)}
        if reach.sites is not None:
            limits["place.site"] = {"$in": [None, *sorted(reach.sites)]}
        if reach.carrier is not None:
            limits["place.carrier"] = {"$in": [None, reach.carrier]}
        if reach.person is not None:
            limits["person"] = reach.person
        reaches.append(limits)
    return {"$or": reaches}


def of_programmes(scope: Scope) -> dict[str, Any]:
    """The filter of a list of what belongs to whole programmes: those in reach."""
    return {} if scope.programmes is None else {"programme": {"$in": sorted(scope.programmes)}}


def narrowed(*queries: dict[str, Any], after: str | None = None, **fields: str | None) -> dict[str, Any]:
    """All filters together, with fields that were asked for, behind an id."""
    asked = {name: value for name, value in fields.items() if value is not None}
    behind = {} if after is None else {"_id": {"$gt": after}}
    return {"$and": [*queries, asked, behind]}
