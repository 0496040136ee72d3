"""Participations: beginning, changing, ending."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from services.registry.commands.versions import require_version
from services.registry.domain.participations import Participation, Urgency
from services.registry.domain.places import Programme
from services.registry.domain.topics import sort_out
from services.registry.store.contacts import hold_address, is_protected
from services.registry.store.erasures import require_unused
from services.registry.store.repositories import (
    FAMILIES,
    PARTICIPATIONS,
    PEOPLE,
    PROGRAMMES,
    place_on,
    require_known,
    save_participation,
)
from shared.kernel.errors import Conflict, Finding, Refused
from shared.security.principals import Actor
from shared.storage.store import Store
from shared.storage.work import Work


async def begin_participation(work: Work, participation: Participation, special_key: bytes) -> Participation:
    """A family, or a person, in a programme; what is known of the family by date is copied.

    A person brings districts and languages. ``special_key`` turns special topics into tokens. Raises ``Refused``, and
    ``Conflict("already-participating")`` where the same one takes part in the programme already.
    """
    programme = await PROGRAMMES.get(work, participation.programme)
    programme.require_open(participation.date)
    await require_unused(work, participation.id)
    new = replace(
        participation,
        **_needs(
            programme.on(participation.date),
            special_key,
            {"topics": participation.topics, "wishes": participation.wishes},
        ),
    )
    # A protection at the same moment would not see this participation, nor this one the protection.
    await hold_address(work, participation.family or participation.person or "")
    if participation.family is not None:
        await require_known(work, FAMILIES.collection, participation.family, "/family")
        family = await FAMILIES.get(work, participation.family)
        new = replace(new, districts=family.districts, languages=family.languages, not_wished_at_home=family.not_wished)
    else:
        await require_known(work, PEOPLE.collection, participation.person, "/person")
        _require_district(participation, await is_protected(work, participation.person or ""))
    await _require_guardians(work, participation.guardians)
    _require_to_come(participation.urgency, work.today)
    place = await place_on(work, participation.sites, participation.date)
    new = replace(new, place=place, recorded_at=work.now, first=await _is_first(work, participation))
    return await save_participation(work, new, "participation-begun")


async def change_participation(
    work: Work, key: str, expected: int, values: Mapping[str, Any], special_key: bytes
) -> Participation:
    """New values of some fields. Raises ``VersionLost``, ``Refused``, ``Conflict``."""
    participation = await PARTICIPATIONS.get(work, key)
    require_version(participation.version, expected)
    participation.require_running()
    programme = await PROGRAMMES.get(work, participation.programme)
    changed = replace(participation, **{**values, **_needs(programme.on(work.today), special_key, values)})
    await _require_guardians(work, values.get("guardians", ()))
    _require_to_come(values.get("urgency"), work.today)
    return await save_participation(work, changed, "participation-changed")


async def end_participation(work: Work, key: str, on: str, because: str) -> Participation:
    """The participation ends."""
    participation = await PARTICIPATIONS.get(work, key)
    return await save_participation(work, participation.ended(on, because), "participation-ended")


async def end_urgencies(store: Store) -> int:
    """Takes back the urgencies whose time is over; for every night. Says how many."""
    actor = Actor("service/registry", "service", "urgency-ended")
    return sum([await store.transact(city, actor, _urgent_no_longer) for city in await store.cities()])


async def _urgent_no_longer(work: Work) -> int:
    urgent = await PARTICIPATIONS.find(work, {"urgent": True, "urgency.until": {"$lte": work.today}})
    for participation in urgent:
        await save_participation(work, replace(participation, urgent=False, urgency=None), "urgency-ended")
    return len(urgent)


def _require_district(participation: Participation, protected: bool) -> None:
    if not protected and not participation.districts:
        raise Refused("invalid", (Finding("/district", "missing"),))
    if protected and participation.districts:
        raise Refused("invalid", (Finding("/district", "protected", "left out: the address is protected"),))


def _require_to_come(urgency: Urgency | None, today: str) -> None:
    if urgency is not None and urgency.until <= today:
        raise Refused("invalid", (Finding("/urgency/until", "too-early", f"> {today}"),))


async def _require_guardians(work: Work, guardians: Sequence[str]) -> None:
    for number, person in enumerate(guardians):
        await require_known(work, PEOPLE.collection, person, f"/guardians/{number}")


def _needs(programme: Programme, key: bytes, values: Mapping[str, Any]) -> dict[str, Any]:
    """Topics as those that may be told and tokens. Wishes are always told, so that a special topic cannot be one."""
    wishes = sort_out(key, programme.id, programme.special_topics, values.get("wishes", ()))
    if wishes.special:
        raise Refused("invalid", (Finding("/wishes", "special-as-wish", "a special topic among the topics"),))
    programme.require_topics(wishes.plain, "/wishes")
    if "topics" not in values:
        return {}
    topics = sort_out(key, programme.id, programme.special_topics, values["topics"])
    programme.require_topics(topics.plain, "/topics")
    return {"topics": topics.plain, "special": topics.special}


async def _is_first(work: Work, participation: Participation) -> bool:
    name = "family" if participation.family is not None else "person"
    query = {name: getattr(participation, name), "programme": participation.programme}
    others = await PARTICIPATIONS.find(work, query)
    if any(other.ended_on is None for other in others):
        raise Conflict("already-participating")
    return not others
