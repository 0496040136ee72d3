"""What registry's, matching's and reporting's events left here, as typed facts; what is missing is not yet known."""

from collections.abc import Collection, Iterable, Mapping, Sequence, Set
from typing import Final

from services.visits.domain.known import Lists, Place, Programme, Setting
from shared.kernel.dates import Dated, Period, value_on
from shared.kernel.errors import NotYetKnown
from shared.kernel.recorded import Recorded
from shared.storage.mongo import Document
from shared.storage.work import Reader

CITIES: Final = "known_cities"
PROGRAMMES: Final = "known_programmes"
SITES: Final = "known_sites"
ENGAGEMENTS: Final = "known_engagements"
PARTICIPATIONS: Final = "known_participations"
TANDEMS: Final = "known_tandems"
ERASURES: Final = "known_erasures"
PERIODS: Final = "known_periods"


class Known:
    """Reads each state once, so that a phone's log of one tandem asks for its tandem once."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._states: dict[tuple[str, str], Document | None] = {}
        self._programmes: dict[str, Programme] = {}

    async def expect(self, tandems: Iterable[str]) -> None:
        """Reads all that visits of these tandems will ask for, each kind at once; what has not arrived is left out."""
        found = (await self._read({TANDEMS: set(tandems)}))[TANDEMS]
        programmes = {one["programme"] for one in found}
        read = await self._read(
            {
                ENGAGEMENTS: {one["engagement"] for one in found},
                PARTICIPATIONS: {one["participation"] for one in found},
                PROGRAMMES: programmes,
            },
            programmes - self._programmes.keys(),
        )
        sides = [*read[ENGAGEMENTS], *read[PARTICIPATIONS]]
        await self._read({SITES: {entry["value"] for side in sides for entry in side.get("sites", ())} - {None}})

    async def setting(self, tandem: str, day: str) -> Setting:
        """A tandem's visit on a day. Raises ``NotYetKnown`` while the tandem or something of it has not arrived."""
        found = await self._needed(TANDEMS, tandem)
        engagement = await self._needed(ENGAGEMENTS, found["engagement"])
        participation = await self._needed(PARTICIPATIONS, found["participation"])
        return Setting(
            tandem=tandem,
            engagement=found["engagement"],
            participation=found["participation"],
            person=engagement["person"],
            begun_on=found["date"],
            ended_on=found["ended_on"],
            programme=await self.programme(found["programme"]),
            place=await self._place((participation, engagement), None, None, day),
            forgotten=participation["family"] is None and participation["person"] is None,
        )

    async def place(self, site: str | None, district: str | None, participation: str | None, day: str) -> Place:
        """Where a request or an activity belongs on a day: what is said wins, else the participation's, the site's.

        Raises ``NotYetKnown`` for a site or a participation that has not arrived.
        """
        if site is not None:
            await self._needed(SITES, site)
        sides = () if participation is None else (await self._needed(PARTICIPATIONS, participation),)
        place = await self._place(sides, site, district, day)
        if place.district is None and place.site is not None:
            found = await self._state(SITES, place.site)
            return Place(place.site, place.carrier, None if found is None else found["district"])
        return place

    async def programme(self, slug: str) -> Programme:
        """Raises ``NotYetKnown``."""
        if slug not in self._programmes:
            found = await self._needed(PROGRAMMES, slug)
            closed = await self._reader.find(PERIODS, {"programme": slug, "erased": False})
            self._programmes[slug] = _programme(found, closed)
        return self._programmes[slug]

    async def person_of(self, engagement: str) -> str | None:
        """Whose engagement it is; nobody's after her erasure, or while it has not arrived."""
        found = await self._state(ENGAGEMENTS, engagement)
        return None if found is None else found["person"]

    async def programme_of(self, engagement: str) -> str:
        """The programme of an engagement. Raises ``NotYetKnown``."""
        return str((await self._needed(ENGAGEMENTS, engagement))["programme"])

    async def _place(self, sides: Sequence[Document], site: str | None, district: str | None, day: str) -> Place:
        for side in sides:
            site = site or value_on(_history(side, "sites"), day)
            district = district or value_on(_history(side, "districts"), day)
        found = None if site is None else await self._state(SITES, site)
        carrier = None if found is None else value_on(_history(found, "carriers"), day)
        return Place(site, carrier, district)

    async def _read(
        self, wanted: Mapping[str, Set[str]], programmes: Set[str] = frozenset()
    ) -> dict[str, list[Document]]:
        """The states with these ids, and the closed periods of these programmes, in one statement; each is read once.

        Gives those that are there, by collection.
        """
        missing = {name: {key for key in keys if (name, key) not in self._states} for name, keys in wanted.items()}
        queries: list[tuple[str, Document]] = [
            (name, {"_id": {"$in": sorted(keys)}}) for name, keys in missing.items() if keys
        ]
        closed: list[Document] = []
        if programmes:
            queries.append((PERIODS, {"programme": {"$in": sorted(programmes)}, "erased": False}))
        found = await self._reader.find_each(queries) if queries else []
        if programmes:
            closed = found.pop()
        self._states |= {(name, key): None for name, keys in missing.items() for key in keys}
        for (name, _), rows in zip(queries, found, strict=False):
            self._states |= {(name, row["_id"]): row for row in rows if not row["erased"]}
        for slug in programmes:
            programme = self._states.get((PROGRAMMES, slug))
            if programme is not None:
                own = [period for period in closed if period["programme"] == slug]
                self._programmes[slug] = _programme(programme, own)
        states = {name: [self._states[name, key] for key in sorted(keys)] for name, keys in wanted.items()}
        return {name: [one for one in found if one is not None] for name, found in states.items()}

    async def _needed(self, collection: str, key: str) -> Document:
        found = await self._state(collection, key)
        if found is None:
            raise NotYetKnown("not-yet-known")
        return found

    async def _state(self, collection: str, key: str) -> Document | None:
        place = (collection, key)
        if place not in self._states:
            found = await self._reader.one(collection, {"_id": key})
            self._states[place] = None if found is None or found["erased"] else found
        return self._states[place]


async def erased_among(reader: Reader, subjects: Collection[str]) -> frozenset[str]:
    """Which of these participations an erasure names: nothing more is sealed for them."""
    if not subjects:
        return frozenset()
    found = await reader.find(ERASURES, {"also": {"$in": sorted(subjects)}, "erased": False})
    return frozenset(subject for erasure in found for subject in erasure["also"]) & frozenset(subjects)


async def own_engagements(reader: Reader, person: str) -> list[str]:
    """The ids of a person's engagements."""
    return [row["_id"] for row in await reader.find(ENGAGEMENTS, {"person": person, "erased": False})]


def _programme(found: Document, closed: Sequence[Document]) -> Programme:
    return Programme(
        slug=found["_id"],
        period=Period(found["begin"], found["until"]),
        activities=tuple(found["activities"]),
        topics=tuple(found["topics"]),
        services=tuple(found["services"]),
        closed=tuple(Period(row["begin"], row["until"]) for row in closed),
        # An event of an older registry told of today only.
        history=tuple(_lists(row) for row in found.get("terms", ())),
    )


def _lists(row: Document) -> Recorded[Lists]:
    activities, topics, services = (
        None if row[name] is None else tuple(row[name]) for name in ("activities", "topics", "services")
    )
    return Recorded(row["from"], Lists(activities, topics, services), row["recorded_at"] or "")


def _history(document: Document, name: str) -> tuple[Dated[str], ...]:
    return tuple(Dated(entry["from"], entry["value"]) for entry in document.get(name, ()))
