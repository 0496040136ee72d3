"""What the events of the other services left here: what a report says of its programme."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from services.reporting.domain.programme_report import carriers_of
from shared.kernel.errors import NotFound
from shared.kernel.recorded import Recorded, known, valid
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
    """A programme as its last event told it; ``until`` is the day after its last.

    ``terms`` are what it told of other days, as recorded; an event of an older registry told none.
    """

    slug: str
    name: str
    special: bool
    begin: str | None
    until: str | None
    framework: str
    funders: tuple[str, ...]
    targets: tuple[dict[str, Any], ...]
    sites: tuple[str, ...]
    terms: tuple[Recorded[dict[str, Any]], ...] = ()

    def on(self, day: str, cut: str | None = None) -> "Programme":
        """The programme with the funders and targets of a day, as recorded up to ``cut`` (now, where there is none)."""
        funders, targets = (_valid(self.terms, name, day, cut) for name in ("funders", "targets"))
        return replace(
            self,
            funders=self.funders if funders is None else tuple(funders),
            targets=self.targets if targets is None else tuple(targets),
        )


def _valid(terms: Sequence[Recorded[dict[str, Any]]], name: str, day: str, cut: str | None) -> Sequence[Any] | None:
    stated = (replace(entry, value=entry.value[name]) for entry in terms if entry.value[name] is not None)
    found: Any = valid(stated, day, cut)
    return found if found is None else tuple(found)


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


async def carrier_histories(
    reader: Reader, sites: tuple[str, ...], cut: str | None = None
) -> list[list[tuple[str, str]]]:
    """Per site its carriers: the day each begins on, and its slug; as recorded up to ``cut``."""
    rows = await reader.find(SITES, {"_id": {"$in": list(sites)}, "erased": False})
    return [_carriers(row, cut) for row in rows]


async def carriers(
    reader: Reader, sites: tuple[str, ...], begin: str, until: str, cut: str | None = None
) -> tuple[tuple[str, str, str], ...]:
    """Who carried the sites in the period, as recorded up to ``cut``: name, first day, day after the last."""
    parts = carriers_of(await carrier_histories(reader, sites, cut), begin, until)
    wanted = sorted({carrier for carrier, _, _ in parts})
    rows = await reader.find(ORGANISATIONS, {"_id": {"$in": wanted}, "erased": False})
    names = {row["_id"]: str(row["name"]) for row in rows}
    return tuple((names.get(carrier, carrier), first, last) for carrier, first, last in parts)


def _carriers(site: Document, cut: str | None) -> list[tuple[str, str]]:
    # A site that an older registry told of has no instants: what it says counts as known ever since.
    recorded = site.get("carriers_recorded") or site["carriers"]
    return [(entry.since, entry.value) for entry in known((_entry(row, row["value"]) for row in recorded), cut)]


def _entry(row: Document, value: Any) -> Recorded[Any]:
    return Recorded(row["from"], value, row.get("recorded_at") or "")


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
        terms=tuple(_entry(row, row) for row in found.get("terms", ())),
    )
