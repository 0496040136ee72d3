"""What registry's events left here, as typed facts; a missing one is not yet known, never silently absent."""

from collections.abc import Collection, Iterable
from typing import Any

from services.matching.domain.known import Consents, Engagement, Module, Participation, Programme, Where
from shared.kernel.dates import Dated, Period, value_on
from shared.kernel.errors import NotFound, NotYetKnown
from shared.storage.documents import from_document
from shared.storage.mongo import Document
from shared.storage.work import Reader, Sort

CITIES, PROGRAMMES, SITES = "known_cities", "known_programmes", "known_sites"
ENGAGEMENTS, PARTICIPATIONS = "known_engagements", "known_participations"
FAMILIES = "known_families"
CONSENTS, ERASURES = "known_consents", "known_erasures"
CONSENTS_TOPIC = "registry.consents.v1"

Carriers = dict[str, tuple[Dated[str], ...]]
"""For each site its carriers by date."""
SeenAt = tuple[str, tuple[str, ...], tuple[str, ...]]
"""A programme, sites and carriers: what a token must reach."""


async def programme(reader: Reader, slug: str) -> Programme:
    """Raises ``NotFound("programme-not-found")``: a slug is typed by people, not awaited."""
    found = await _present(reader, PROGRAMMES, slug)
    if found is None:
        raise NotFound("programme-not-found")
    return _programme(found)


async def programmes(reader: Reader) -> list[Programme]:
    """All of the city."""
    return [_programme(row) for row in await reader.find(PROGRAMMES, {"erased": False}, sort=[("_id", 1)])]


async def engagement(reader: Reader, key: str) -> Engagement:
    """Raises ``NotYetKnown``."""
    return _engagement(await _needed(reader, ENGAGEMENTS, key))


async def participation(reader: Reader, key: str) -> Participation:
    """Raises ``NotYetKnown``."""
    return _participation(await _needed(reader, PARTICIPATIONS, key))


async def participation_and_carriers(reader: Reader, key: str) -> tuple[Participation, Carriers]:
    """Both in one statement. Raises ``NotYetKnown``."""
    found, sites = await reader.find_each([(PARTICIPATIONS, {"_id": key, "erased": False}), (SITES, {"erased": False})])
    if not found:
        raise NotYetKnown("not-yet-known")
    return _participation(found[0]), _carriers(sites)


async def engagements(reader: Reader, keys: Collection[str]) -> list[Engagement]:
    """Those of these ids that have arrived and were not erased as a whole."""
    rows = await reader.find(ENGAGEMENTS, {"_id": {"$in": list(keys)}, "erased": False})
    return [_engagement(row) for row in rows]


async def participations(reader: Reader, keys: Collection[str]) -> list[Participation]:
    """As ``engagements``."""
    rows = await reader.find(PARTICIPATIONS, {"_id": {"$in": list(keys)}, "erased": False})
    return [_participation(row) for row in rows]


async def recorded_on(reader: Reader, keys: Collection[str]) -> dict[str, str]:
    """For each of these engagements the day on which it last changed."""
    rows = await reader.find(ENGAGEMENTS, {"_id": {"$in": list(keys)}, "erased": False})
    return {row["_id"]: row["recorded_at"][:10] for row in rows}


async def told_since(reader: Reader, since: str) -> list[tuple[str, bool, Engagement | Participation]]:
    """Who was told of since an instant: when, whether for the first time as far as counted facts say, and as what."""
    query: Document = {"erased": False, "recorded_at": {"$gte": since}}
    mentors = await reader.find(ENGAGEMENTS, query)
    families = await reader.find(PARTICIPATIONS, query)
    found: list[tuple[str, bool, Engagement | Participation]] = []
    found += [(row["recorded_at"], not row["versions"], _engagement(row)) for row in mentors]
    found += [(row["recorded_at"], not row["versions"], _participation(row)) for row in families]
    return found


async def engagements_of(reader: Reader, slug: str) -> tuple[Engagement, ...]:
    """All of a programme, those that have ended too."""
    return await engagements_by(reader, {"programme": slug})


async def engagements_by(reader: Reader, query: Document, sort: Sort = ()) -> tuple[Engagement, ...]:
    """Those that fit, those that have ended too."""
    rows = await reader.find(ENGAGEMENTS, {**query, "erased": False}, sort=sort)
    return tuple(_engagement(row) for row in rows)


async def participations_of(reader: Reader, slug: str) -> tuple[Participation, ...]:
    """All of a programme, those that have ended too."""
    rows = await reader.find(PARTICIPATIONS, {"programme": slug, "erased": False})
    return tuple(_participation(row) for row in rows)


async def participations_about(reader: Reader, subject: str) -> list[Participation]:
    """All for which a consent of this subject speaks."""
    about: list[Document] = [{name: subject} for name in ("_id", "family", "person")]
    return [_participation(row) for row in await reader.find(PARTICIPATIONS, {"$or": about, "erased": False})]


async def engagements_about(reader: Reader, subject: str) -> list[Engagement]:
    """All for which a consent of this subject speaks."""
    about: list[Document] = [{name: subject} for name in ("_id", "person")]
    return [_engagement(row) for row in await reader.find(ENGAGEMENTS, {"$or": about, "erased": False})]


async def own_engagements(reader: Reader, person: str) -> list[str]:
    """The ids of a person's engagements."""
    return [row["_id"] for row in await reader.find(ENGAGEMENTS, {"person": person, "erased": False})]


async def persons_of(reader: Reader, participations: Iterable[Participation]) -> dict[str, int]:
    """How many persons each participation is about: one, or all of a family that is known."""
    of = {one.id: one.family for one in participations}
    wanted = sorted({family for family in of.values() if family is not None})
    rows = await reader.find(FAMILIES, {"_id": {"$in": wanted}, "erased": False})
    persons = {row["_id"]: row["adults"] + row["children"] for row in rows}
    sizes = {key: 1 if family is None else persons.get(family, 0) for key, family in of.items()}
    return {key: size for key, size in sizes.items() if size}


async def consents(reader: Reader, day: str, subjects: tuple[str, ...] | None = None, *, today: str) -> Consents:
    """Whose consents stand on that day *and* today: given, not expired, not withdrawn; of these subjects, or all.

    A date in the past brings back no consent that has expired since, one in the future asks for none of today.
    """
    return consents_in(await reader.find(CONSENTS, consents_given(day, today, subjects)), day, today)


def consents_given(day: str, today: str, subjects: tuple[str, ...] | None = None) -> Document:
    """The query for what ``consents_in`` judges: given by the earlier of both days, of these subjects, or of all."""
    query: Document = {
        "erased": False,
        "purpose": {"$in": ["matching", "special_category"]},
        "given_on": {"$lte": min(day, today)},
    }
    return query if subjects is None else {**query, "subject": {"$in": list(subjects)}}


def consents_in(rows: list[Document], day: str, today: str) -> Consents:
    """Whose consents of these rows stand on the day and today; see ``consents``."""
    standing = [row for row in rows if _stands(row, max(day, today))]
    return Consents(
        matching=frozenset(row["subject"] for row in standing if row["purpose"] == "matching"),
        special=frozenset(row["subject"] for row in standing if row["purpose"] == "special_category"),
        lost=frozenset(row["subject"] for row in rows if row["purpose"] == "matching" and not _stands(row, today)),
    )


def _stands(row: Document, day: str) -> bool:
    return row["withdrawn_at"] is None and (row["expires_on"] is None or row["expires_on"] > day)


async def carriers(reader: Reader) -> Carriers:
    """The city's sites and their carriers."""
    return _carriers(await reader.find(SITES, {"erased": False}))


def carrier_on(known: Carriers, site: str | None, day: str) -> str | None:
    """The carrier of a site on a day."""
    return value_on(known.get(site, ()), day) if site is not None else None


def where(known: Carriers, site: str | None, taking_part: Participation, day: str) -> Where:
    """The dimensions of a fact of this participation on a day."""
    return Where(site, carrier_on(known, site, day), value_on(taking_part.districts, day))


def places_of(known: Carriers, day: str, *sides: Engagement | Participation) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Sites and carriers of some sides on a day, sorted."""
    sites = {site for side in sides if (site := value_on(side.sites, day)) is not None}
    found = {carrier for site in sites if (carrier := carrier_on(known, site, day)) is not None}
    return tuple(sorted(sites)), tuple(sorted(found))


def _programme(document: Document) -> Programme:
    return Programme(
        slug=document["slug"],
        period=Period(document["begin"], document["until"]),
        state=document["state"],
        sites=tuple(document["sites"]),
        modules=tuple(Module(module["code"], tuple(module["topics"])) for module in document["modules"]),
    )


def _engagement(document: Document) -> Engagement:
    return from_document(Engagement, document | {"sites": _entries(document, "sites")})


def _participation(document: Document) -> Participation:
    dated = {name: _entries(document, name) for name in ("sites", "districts")}
    return from_document(Participation, document | dated)


def _carriers(sites: list[Document]) -> Carriers:
    return {row["_id"]: _history(row, "carriers") for row in sites}


def _history(document: Document, name: str) -> tuple[Dated[str], ...]:
    return tuple(Dated(entry["from"], entry["value"]) for entry in document.get(name, ()))


def _entries(document: Document, name: str) -> list[dict[str, Any]]:
    return [{"since": entry["from"], "value": entry["value"]} for entry in document.get(name, ())]


async def _needed(reader: Reader, collection: str, key: str) -> Document:
    found = await _present(reader, collection, key)
    if found is None:
        raise NotYetKnown("not-yet-known")
    return found


async def _present(reader: Reader, collection: str, key: str) -> Document | None:
    found = await reader.one(collection, {"_id": key})
    return None if found is None or found["erased"] else found
