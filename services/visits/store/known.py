"""What visits knows of others: tandems, participations, engagements, programmes and sites, as of a day."""

from dataclasses import dataclass

from shared.kernel.dates import Dated, Period, value_on
from shared.kernel.errors import NotYetKnown
from shared.storage.mongo import Document
from shared.storage.work import Reader


@dataclass(frozen=True, slots=True)
class Place:
    """The dimensions of a fact, as of its own date."""

    site: str | None
    carrier: str | None
    district: str | None


@dataclass(frozen=True, slots=True)
class KnownTandem:
    """A tandem, its mentor's person and its days."""

    id: str
    programme: str
    engagement: str
    participation: str
    person: str | None
    begun_on: str
    ended_on: str | None


async def tandem(reader: Reader, key: str) -> KnownTandem:
    """Raises ``NotYetKnown`` while the tandem or its sides have not arrived."""
    found = await _present(reader, "known_tandems", key)
    engagement = await _present(reader, "known_engagements", found["engagement"])
    return KnownTandem(
        id=key,
        programme=found["programme"],
        engagement=found["engagement"],
        participation=found["participation"],
        person=engagement.get("person"),
        begun_on=found["date"],
        ended_on=found.get("ended_on"),
    )


async def place_of_visit(reader: Reader, known: KnownTandem, day: str) -> Place:
    """Site and district of the participation, carrier of the site, each as of the day."""
    participation = await _present(reader, "known_participations", known.participation)
    engagement = await _present(reader, "known_engagements", known.engagement)
    site = value_on(history(participation, "sites"), day) or value_on(history(engagement, "sites"), day)
    district = value_on(history(participation, "districts"), day)
    return Place(site, await carrier_on(reader, site, day), district)


async def place_of_site(reader: Reader, site: str | None, day: str) -> Place:
    """District and carrier of a site."""
    found = await reader.one("known_sites", {"_id": site}) if site else None
    return Place(site, await carrier_on(reader, site, day), found["district"] if found else None)


async def carrier_on(reader: Reader, site: str | None, day: str) -> str | None:
    """The site's carrier on a day."""
    found = await reader.one("known_sites", {"_id": site}) if site else None
    return value_on(history(found, "carriers"), day) if found else None


async def programme(reader: Reader, key: str) -> Document:
    """The programme's state. Raises ``NotYetKnown``."""
    return await _present(reader, "known_programmes", key)


def period_of(document: Document) -> Period:
    """The programme's period."""
    return Period(document.get("begin"), document.get("until"))


def history(document: Document, name: str) -> tuple[Dated[str], ...]:
    """A dated list of a mirrored state."""
    return tuple(Dated(entry["from"], entry["value"]) for entry in document.get(name, ()))


async def _present(reader: Reader, collection: str, key: str) -> Document:
    found = await reader.one(collection, {"_id": key})
    if found is None or found.get("erased"):
        raise NotYetKnown("not-yet-known")
    return found
