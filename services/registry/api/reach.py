"""Object-level checks: where a thing belongs, compared with the caller's grants."""

from collections.abc import Iterable, Sequence

from services.registry.api.shapes import narrowed, visible
from services.registry.domain.cohorts import Cohort
from services.registry.domain.engagements import Engagement
from services.registry.domain.participations import Participation
from services.registry.domain.people import Family, Person
from services.registry.queries.whereabouts import Where, places_of_families, places_of_people
from services.registry.store.repositories import (
    COHORTS,
    ENGAGEMENTS,
    FAMILIES,
    PARTICIPATIONS,
    PEOPLE,
    PROGRAMMES,
    SITES,
    place_on,
)
from shared.kernel.dates import Dated, today
from shared.security.grants import Invisible, Target
from shared.web.desk import RequestDesk


async def require_place(desk: RequestDesk, programme: str, sites: tuple[Dated[str], ...], day: str) -> None:
    """Raises where the caller may do nothing in this programme, at this site, of its carrier on that day."""
    place = await place_on(desk.reader, sites, day)
    desk.require(programme=programme, site=place.site, carrier=place.carrier)


async def require_whole(desk: RequestDesk, programme: str, *, joining: Iterable[str] = ()) -> None:
    """Raises unless the caller reaches all of the programme: each of its sites, and the carrier that it has today.

    For acts whose effect is on everybody in it. A programme at no site is everybody's, and needs a grant that names
    neither carrier nor sites. ``joining`` are sites that it shall have; says nothing of what is not there.
    """
    desk.require(programme=programme)
    found = await PROGRAMMES.find_one(desk.reader, {"_id": programme})
    if found is None:
        return
    sites = await SITES.find(desk.reader, {"_id": {"$in": sorted({*found.sites, *joining})}})
    for site in sites:
        desk.require(programme=programme, site=site.id, carrier=site.carrier_on(today(desk.moment)) or ())
    if not found.sites:
        desk.require(programme=programme, site=(), carrier=())


async def reached_engagement(desk: RequestDesk, key: str) -> Engagement:
    """The engagement. Raises ``NotFound``, or as ``RequestDesk.require``."""
    found = await ENGAGEMENTS.get(desk.reader, key)
    desk.require(
        programme=found.programme, site=found.place.site, carrier=found.place.carrier, person=found.person or ""
    )
    return found


async def seen_engagements(desk: RequestDesk, keys: Iterable[str]) -> frozenset[str]:
    """Those that the caller reaches; the others stay unnamed in what belongs to a whole programme."""
    query = narrowed(visible(desk.scope()), {"_id": {"$in": sorted(set(keys))}})
    return frozenset(engagement.id for engagement in await ENGAGEMENTS.find(desk.reader, query))


async def reached_participation(desk: RequestDesk, key: str) -> Participation:
    """The participation. Raises ``NotFound``, or as ``RequestDesk.require``."""
    found = await PARTICIPATIONS.get(desk.reader, key)
    desk.require(programme=found.programme, site=found.place.site, carrier=found.place.carrier)
    return found


async def reached_cohort(desk: RequestDesk, key: str) -> Cohort:
    """The cohort. Raises ``NotFound``, or as ``RequestDesk.require``."""
    found = await COHORTS.get(desk.reader, key)
    desk.require(programme=found.programme)
    return found


async def sees_person(desk: RequestDesk, person: Person) -> bool:
    """Whether one of the person's engagements and participations is in reach."""
    return bool(await seen_of(desk, [person]))


async def seen_of(desk: RequestDesk, people: Sequence[Person]) -> list[Person]:
    """Those of the people that ``sees_person`` would show, in their order."""
    if desk.scope().everything or not people:
        return list(people)
    places = await places_of_people(desk.reader, [person.id for person in people])
    return [person for person in people if _sees_any(desk, places[person.id], person.registered_by)]


async def sees_family(desk: RequestDesk, family: Family) -> bool:
    """Whether one of the family's participations is in reach."""
    return bool(await seen_families(desk, [family]))


async def seen_families(desk: RequestDesk, families: Sequence[Family]) -> list[Family]:
    """Those of the families that ``sees_family`` would show, in their order."""
    if desk.scope().everything or not families:
        return list(families)
    places = await places_of_families(desk.reader, [family.id for family in families])
    return [family for family in families if _sees_any(desk, places[family.id], family.registered_by)]


async def require_person(desk: RequestDesk, key: str) -> None:
    """Raises ``Invisible`` for a person out of reach; says nothing of one who is not there."""
    person = await PEOPLE.find_one(desk.reader, {"_id": key})
    require_visible(person is None or await sees_person(desk, person))


async def require_family(desk: RequestDesk, key: str) -> None:
    """Raises ``Invisible`` for a family out of reach; says nothing of one that is not there."""
    family = await FAMILIES.find_one(desk.reader, {"_id": key})
    require_visible(family is None or await sees_family(desk, family))


async def require_subject(desk: RequestDesk, key: str) -> None:
    """Raises where a person, family, engagement or participation is out of reach."""
    if key.startswith("per_"):
        await require_person(desk, key)
    elif key.startswith("fam_"):
        await require_family(desk, key)
    elif key.startswith("eng_"):
        await reached_engagement(desk, key)
    elif key.startswith("ptc_"):
        await reached_participation(desk, key)


async def seen_subjects(desk: RequestDesk, keys: Iterable[str]) -> frozenset[str]:
    """Those of the subjects that ``require_subject`` would let pass; in a number of reads that does not grow."""
    asked = frozenset(keys)
    found, seen = await found_subjects(desk, asked)
    # As with one subject: nothing is said of a person or family that is not there.
    return frozenset(seen | {key for key in asked - found if not key.startswith(("eng_", "ptc_"))})


async def found_subjects(desk: RequestDesk, keys: Iterable[str]) -> tuple[frozenset[str], frozenset[str]]:
    """Those of the subjects that are there, and those of them in reach; in a number of reads that does not grow."""
    among = {"_id": {"$in": sorted(set(keys))}}
    people, families = await PEOPLE.find(desk.reader, among), await FAMILIES.find(desk.reader, among)
    placed: list[Engagement | Participation] = [
        *await ENGAGEMENTS.find(desk.reader, among),
        *await PARTICIPATIONS.find(desk.reader, among),
    ]
    seen = {person.id for person in await seen_of(desk, people)}
    seen |= {family.id for family in await seen_families(desk, families)}
    seen |= {entry.id for entry in placed if _may_reach(desk, entry)}
    found = {one.id for one in people} | {one.id for one in families} | {one.id for one in placed}
    return frozenset(found), frozenset(seen)


async def known_subject(desk: RequestDesk, key: str) -> None:
    """As ``require_subject``, and raises ``NotFound`` for a person or family that is not there."""
    await require_subject(desk, key)
    if key.startswith("per_"):
        await PEOPLE.get(desk.reader, key)
    elif key.startswith("fam_"):
        await FAMILIES.get(desk.reader, key)


def require_visible(visible: bool) -> None:
    """Raises ``Invisible``: as if it were not there."""
    if not visible:
        raise Invisible("not-found")


def _may_reach(desk: RequestDesk, entry: Engagement | Participation) -> bool:
    person = (entry.person or "") if isinstance(entry, Engagement) else None
    place = entry.place
    return desk.may(desk.permission, programme=entry.programme, site=place.site, carrier=place.carrier, person=person)


def _sees_any(desk: RequestDesk, places: list[Where], registered_by: str) -> bool:
    """What is nowhere yet is seen by who registered it, and by whoever sees the whole city."""
    if not places:
        return desk.scope().everything or registered_by == desk.principal.subject
    return any(desk.sees(Target(place.programme, place.site, place.carrier)) for place in places)
