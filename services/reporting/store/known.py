"""What the events of the other services left here: what a report says of its programme."""

from dataclasses import dataclass
from typing import Any, Final

from services.reporting.domain.programme_report import carriers_of
from shared.kernel.errors import NotFound
from shared.storage.mongo import Document
from shared.storage.work import Reader

CITIES: Final = "known_cities"
PROGRAMMES: Final = "known_programmes"
SITES: Final = "known_sites"
ORGANISATIONS: Final = "known_organisations"
ENGAGEMENTS: Final = "known_engagements"
PARTICIPATIONS: Final = "known_participations"
COHORTS: Final = "known_cohorts"
ATTENDANCES: Final = "known_attendances"
OUTCOMES: Final = "known_outcomes"
ERASURES: Final = "known_erasures"
VISITS: Final = "known_visits"
ACTIVITIES: Final = "known_activities"
REQUESTS: Final = "known_requests"
TANDEMS: Final = "known_tandems"
WAITING: Final = "known_waiting"


@dataclass(frozen=True, slots=True)
class Programme:
    """A programme as its last event told it; ``until`` is the day after its last."""

    slug: str
    name: str
    special: bool
    begin: str | None
    until: str | None
    framework: str
    funders: tuple[str, ...]
    targets: tuple[dict[str, Any], ...]
    sites: tuple[str, ...]


async def programme(reader: Reader, slug: str) -> Programme:
    """Raises ``NotFound("programme-not-found")``: a slug is typed by people, not awaited."""
    found = await reader.one(PROGRAMMES, {"_id": slug, "erased": False})
    if found is None:
        raise NotFound("programme-not-found")
    return _programme(found)


async def programmes(reader: Reader) -> list[Programme]:
    """All of the city."""
    return [_programme(row) for row in await reader.find(PROGRAMMES, {"erased": False}, sort=[("_id", 1)])]


async def city_name(reader: Reader) -> str:
    """The city's name; its slug while that has not arrived."""
    found = await reader.one(CITIES, {"_id": reader.city, "erased": False})
    return reader.city if found is None else str(found["name"])


async def district_names(reader: Reader) -> tuple[tuple[str, str], ...]:
    """Slug and name of each district."""
    found = await reader.one(CITIES, {"_id": reader.city, "erased": False})
    return () if found is None else tuple((row["slug"], row["name"]) for row in found["districts"])


async def carrier_histories(reader: Reader, sites: tuple[str, ...]) -> list[list[tuple[str, str]]]:
    """Per site its carriers: the day each begins on, and its slug."""
    rows = await reader.find(SITES, {"_id": {"$in": list(sites)}, "erased": False})
    return [[(entry["from"], entry["value"]) for entry in row["carriers"]] for row in rows]


async def carriers(reader: Reader, sites: tuple[str, ...], begin: str, until: str) -> tuple[tuple[str, str, str], ...]:
    """Who carried the sites in the period: name, first day, day after the last."""
    parts = carriers_of(await carrier_histories(reader, sites), begin, until)
    wanted = sorted({carrier for carrier, _, _ in parts})
    rows = await reader.find(ORGANISATIONS, {"_id": {"$in": wanted}, "erased": False})
    names = {row["_id"]: str(row["name"]) for row in rows}
    return tuple((names.get(carrier, carrier), first, last) for carrier, first, last in parts)


def _programme(found: Document) -> Programme:
    return Programme(
        slug=found["slug"],
        name=found["name"],
        special=found["special"],
        begin=found["begin"],
        until=found["until"],
        framework=found["framework"] or "",
        funders=tuple(found["funders"]),
        targets=tuple(found["targets"]),
        sites=tuple(found["sites"]),
    )
