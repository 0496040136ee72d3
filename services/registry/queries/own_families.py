"""Whom a mentor is in a tandem with, and what her phone must forget."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.registry.domain.contacts import Contact
from services.registry.domain.engagements import Engagement
from services.registry.domain.participations import Participation
from services.registry.domain.people import Person
from services.registry.domain.phones import ERASED, TANDEM_ENDED, allowing, recorded_since, why_not
from services.registry.store.contacts import CONTACTS
from services.registry.store.known import gone_tandems, running_tandems
from services.registry.store.repositories import CONSENTS, FAMILIES, PARTICIPATIONS, PEOPLE
from shared.storage.work import Reader

Row = dict[str, str]


@dataclass(frozen=True, slots=True)
class OwnFamily:
    """A running tandem and who is on the other side: a family's persons, or a person alone."""

    tandem: str
    since: str
    programme: str
    engagement: str
    participation: str
    family: str | None
    people: tuple[Person, ...]
    contact: Contact | None


@dataclass(frozen=True, slots=True)
class Forgotten:
    """A tandem whose family a phone must forget, and why."""

    tandem: str
    because: str


@dataclass(frozen=True, slots=True)
class ToForget:
    """What to forget; ``whole`` where that may not be all of it: what is listed is to be kept, and nothing else."""

    tandems: tuple[Forgotten, ...]
    whole: bool


@dataclass(frozen=True, slots=True)
class OwnTandems:
    """All that run of some engagements: those that are shown, and those that are not any more."""

    shown: tuple[tuple[Row, Participation], ...]
    hidden: tuple[Forgotten, ...]


async def own_tandems(reader: Reader, engagements: Sequence[Engagement], day: str) -> OwnTandems:
    """The tandems that run as far as registry knows, by id; a side that ended, was erased or withdrew is not shown."""
    known = {engagement.id: engagement for engagement in engagements}
    rows = await running_tandems(reader, list(known))
    taking_part = await PARTICIPATIONS.find(reader, {"_id": {"$in": [row["participation"] for row in rows]}})
    participations = {one.id: one for one in taking_part}
    subjects = sorted({subject for one in taking_part for subject in _subjects(one)})
    allowed = allowing(await CONSENTS.find(reader, {"subject": {"$in": subjects}}), day)
    shown: list[tuple[Row, Participation]] = []
    hidden: list[Forgotten] = []
    for row in rows:
        one = participations.get(row["participation"])
        stands = one is not None and not allowed.isdisjoint(_subjects(one))
        because = why_not(known[row["engagement"]], one, stands)
        if because is None and one is not None:
            shown.append((row, one))
        else:
            hidden.append(Forgotten(row["_id"], because or ERASED))
    return OwnTandems(tuple(shown), tuple(hidden))


async def to_forget(reader: Reader, engagements: Sequence[Engagement], own: OwnTandems, known_until: str) -> ToForget:
    """What a phone must forget that was told everything up to ``known_until``; some of it perhaps once more."""
    gone = await gone_tandems(reader, [one.id for one in engagements], recorded_since(known_until))
    rows = [row for row in gone if row["engagement"] is not None]
    told = (Forgotten(row["_id"], ERASED if row["erased"] else TANDEM_ENDED) for row in rows)
    return ToForget((*own.hidden, *told), whole=len(rows) < len(gone))


async def own_families(reader: Reader, tandems: Sequence[tuple[Row, Participation]]) -> list[OwnFamily]:
    """Who is on the other side of these tandems; nothing is opened here."""
    families = await FAMILIES.find(reader, {"_id": {"$in": [one.family for _, one in tandems if one.family]}})
    members = {family.id: family.persons for family in families}
    members |= {one.person: (one.person,) for _, one in tandems if one.person is not None}
    found = await PEOPLE.find(reader, {"_id": {"$in": sorted({key for keys in members.values() for key in keys})}})
    people = {person.id: person for person in found}
    contacts = {one.id: one for one in await CONTACTS.find(reader, {"_id": {"$in": sorted(members)}})}

    def own(row: Row, one: Participation) -> OwnFamily:
        side = one.family or one.person or ""
        return OwnFamily(
            tandem=row["_id"],
            since=row["date"],
            programme=row["programme"],
            engagement=row["engagement"],
            participation=one.id,
            family=one.family,
            people=tuple(people[key] for key in members.get(side, ()) if key in people),
            contact=contacts.get(side),
        )

    return [own(row, one) for row, one in tandems]


def _subjects(one: Participation) -> frozenset[str]:
    """The ids under which a consent may speak for a participation."""
    return frozenset(key for key in (one.id, one.family, one.person) if key is not None)
