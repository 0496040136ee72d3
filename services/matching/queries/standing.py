"""What stands between two requests for candidates, kept in this process for as long as nothing of it has changed.

Consents are never kept: they are read each time, with what else concerns the family that is asked for.
"""

import asyncio
from collections import OrderedDict, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from services.matching.domain.known import Engagement
from services.matching.domain.policy import Policy
from services.matching.domain.standing import Shown, Standing
from services.matching.queries.rounds import last_prices
from services.matching.store import known
from services.matching.store.standing import Stamp, engagements_in, standing_pool
from shared.storage.work import Reader

_KEPT: Final = 32
"""So many programmes and days; a programme with a thousand mentors takes a few megabytes."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A programme, a day, the policy on it, and what the programme is like now."""

    slug: str
    day: str
    policy: Policy
    stamp: Stamp


@dataclass(frozen=True, slots=True)
class _Kept:
    stamp: Stamp
    standing: Standing


@dataclass(frozen=True, slots=True)
class Where:
    """The carriers of the sites, and the day on which both are asked."""

    carriers: known.Carriers
    day: str


_Seen = tuple[Mapping[str, Engagement], Where, Mapping[known.SeenAt, Shown]]


class Standings:
    """The standing facts by city, programme and day."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[str, str, str], _Kept] = OrderedDict()
        self._seen: dict[tuple[str, str], _Seen] = {}
        self._locks: defaultdict[tuple[str, str, str], asyncio.Lock] = defaultdict(asyncio.Lock)

    async def get(self, reader: Reader, asked: Asked) -> Standing:
        """What stands as of the stamp, which was read before; read again where it is not that of what is kept."""
        key = (reader.city, asked.slug, asked.day)
        async with self._locks[key]:
            kept = self._kept.get(key)
            if kept is None or kept.stamp != asked.stamp or kept.standing.policy != asked.policy:
                kept = _Kept(asked.stamp, await _read(reader, asked, kept))
                self._kept[key] = kept
            self._kept.move_to_end(key)
        while len(self._kept) > _KEPT:
            gone, _ = self._kept.popitem(last=False)
            self._locks.pop(gone, None)
        return kept.standing

    def seen_at(self, city: str, standing: Standing, where: Where) -> Mapping[known.SeenAt, Shown]:
        """The engagements by programme, sites and carriers: what a token must reach to be shown them."""
        key = (city, standing.pool.programme.slug)
        kept = self._seen.get(key)
        if kept is None or kept[0] is not standing.engagements or kept[1] != where:
            found: defaultdict[known.SeenAt, set[str]] = defaultdict(set)
            for one in standing.engagements.values():
                found[one.programme, *known.places_of(where.carriers, where.day, one)].add(one.id)
            kept = (standing.engagements, where, {at: standing.shown(ids) for at, ids in found.items()})
            self._seen[key] = kept
        return kept[2]


async def _read(reader: Reader, asked: Asked, kept: _Kept | None) -> Standing:
    """Engagements of the same version and prices of the same round are taken over from what was kept."""
    stamp, slug = asked.stamp, asked.slug
    before: Mapping[str, Engagement] = {} if kept is None else kept.standing.engagements
    versions: Mapping[str, int] = {} if kept is None else kept.stamp.engagements
    same = {
        key: before[key]
        for key, sequence in stamp.engagements.items()
        if key in before and versions.get(key) == sequence
    }
    changed = [key for key in stamp.engagements if key not in same]
    fresh = {one.id: one for one in await engagements_in(reader, changed)} if changed else {}
    known_now = {**same, **fresh}
    engagements = tuple(known_now[key] for key in sorted(known_now))
    pool = await standing_pool(reader, await known.programme(reader, slug), engagements, asked.day)
    if kept is not None and kept.stamp.rounds == stamp.rounds:
        prices = kept.standing.prices
    else:
        prices = await last_prices(reader, slug)
    return await asyncio.to_thread(Standing.of, pool, asked.policy, prices)
