"""What stands between two requests for candidates, kept in this process for as long as nothing of it has changed.

Consents are never kept: they are read each time, with what else concerns the family that is asked for.
"""

import asyncio
from collections import OrderedDict, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from services.matching.domain.known import Engagement, Participation
from services.matching.domain.standing import Shown, Standing
from services.matching.queries.rounds import last_prices
from services.matching.store import known, policies
from services.matching.store.standing import Now, Stamp, read_now, standing_pool
from shared.storage.work import Reader

_KEPT: Final = 32
"""So many programmes and days; a programme with a thousand mentors takes a few megabytes."""
_Key = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class _Kept:
    """``slugs`` are the programmes that share the pool; the first one leads."""

    slugs: tuple[str, ...]
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
        self._kept: OrderedDict[_Key, _Kept] = OrderedDict()
        self._seen: dict[tuple[str, str], _Seen] = {}
        self._locks: defaultdict[_Key, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def read(self, reader: Reader, participation: Participation, days: tuple[str, str]) -> tuple[Now, Standing]:
        """A participation now, and what stands for it. ``days`` are the one that is asked about, and today."""
        slug, day = participation.programme, days[0]
        key = (reader.city, slug, day)
        kept = self._kept.get(key)
        slugs = kept.slugs if kept else await policies.group_of(reader, slug, day)
        now = await read_now(reader, participation, days, slugs)
        if kept is not None and kept.stamp.rules != now.stamp.rules:
            # Another policy, or another programme: they may share their pool with others from now on.
            slugs = await policies.group_of(reader, slug, day)
            now = await read_now(reader, participation, days, slugs)
        return now, await self._get(reader, key, slugs, now.stamp)

    async def _get(self, reader: Reader, key: _Key, slugs: tuple[str, ...], stamp: Stamp) -> Standing:
        async with self._locks[key]:
            kept = self._kept.get(key)
            if kept is None or kept.stamp != stamp or kept.slugs != slugs:
                kept = _Kept(slugs, stamp, await _read(reader, key[2], slugs, stamp, kept))
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


async def _read(reader: Reader, day: str, slugs: tuple[str, ...], stamp: Stamp, kept: _Kept | None) -> Standing:
    """Engagements of the same version and prices of the same round are taken over from what was kept."""
    before: Mapping[str, Engagement] = {} if kept is None else kept.standing.engagements
    versions: Mapping[str, int] = {} if kept is None else kept.stamp.engagements
    same = {
        key: before[key]
        for key, sequence in stamp.engagements.items()
        if key in before and versions.get(key) == sequence
    }
    changed = [key for key in stamp.engagements if key not in same]
    fresh = {one.id: one for one in await known.engagements(reader, changed)} if changed else {}
    known_now = {**same, **fresh}
    engagements = tuple(known_now[key] for key in sorted(known_now))
    pool = await standing_pool(reader, slugs, engagements, day, stamp.held)
    if kept is not None and kept.stamp.rounds == stamp.rounds and kept.slugs == slugs:
        prices = kept.standing.prices
    else:
        prices = await last_prices(reader, pool.programme.slug)
    return await asyncio.to_thread(Standing.of, pool, prices)
