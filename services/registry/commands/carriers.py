"""A site has another carrier: whoever is there now goes over to it, and what was stays with the former one."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any, Final

from services.registry.domain.engagements import Engagement
from services.registry.domain.participations import Participation
from services.registry.domain.places import NOWHERE, Place
from services.registry.store.repositories import (
    ENGAGEMENTS,
    PARTICIPATIONS,
    PROGRAMMES,
    SITES,
    place_on,
    save_engagement,
    save_participation,
)
from shared.kernel.dates import today
from shared.security.principals import Actor
from shared.storage.store import Store
from shared.storage.work import Reader, Work

_NIGHT: Final = Actor("service/registry", "service", "carriers")
_FACT: Final = "carrier-changed"


async def follow_all_carriers(store: Store) -> int:
    """Those changes of carriers that begin today; for every night, repeatable. Says for how many."""
    return sum([await follow_carriers(store, city, _NIGHT) for city in await store.cities()])


async def follow_carriers(store: Store, city: str, actor: Actor, site: str | None = None) -> int:
    """Gives whoever is running in a programme that is not over to the carrier that its site has today."""
    day, reader = today(store.clock()), store.reader(city)
    programmes = await PROGRAMMES.find(reader, {})
    going_on = sorted(programme.id for programme in programmes if programme.state(day) != "ended")
    followed = 0
    for place in await SITES.find(reader, {} if site is None else {"_id": site}):
        other = {"place.site": place.id, "place.carrier": {"$ne": place.carrier_on(day)}}
        stale = {"programme": {"$in": going_on}, **other}
        for acts in await _of(reader, stale):
            followed += await store.transact(city, actor, acts)
    return followed


async def _of(reader: Reader, stale: dict[str, Any]) -> list[Callable[[Work], Awaitable[bool]]]:
    engaged = await ENGAGEMENTS.find(reader, {**stale, "left_on": None, "person": {"$ne": None}})
    living = {"$or": [{"family": {"$ne": None}}, {"person": {"$ne": None}}]}
    taking_part = await PARTICIPATIONS.find(reader, {**stale, "ended_on": None, **living})
    return [*(_engagement(one.id) for one in engaged), *(_participation(one.id) for one in taking_part)]


def _engagement(key: str) -> Callable[[Work], Awaitable[bool]]:
    async def body(work: Work) -> bool:
        found = await ENGAGEMENTS.get(work, key)
        place = await _today(work, found)
        if place == found.place or found.left_on is not None or found.person is None:
            return False
        await save_engagement(work, replace(found, place=place, counted=found.counted_at), _FACT)
        return True

    return body


def _participation(key: str) -> Callable[[Work], Awaitable[bool]]:
    async def body(work: Work) -> bool:
        found = await PARTICIPATIONS.get(work, key)
        place = await _today(work, found)
        if place == found.place or found.ended_on is not None:
            return False
        await save_participation(work, replace(found, place=place, counted=found.counted_at), _FACT)
        return True

    return body


async def _today(work: Work, found: Engagement | Participation) -> Place:
    return NOWHERE if not found.sites else await place_on(work, found.sites, work.today)
