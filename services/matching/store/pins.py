"""Pins in the store, and with them every pair that a round leaves where it is though no tandem runs yet."""

from collections.abc import Iterable, Iterator, Sequence

from services.matching.domain.instance import Pair
from services.matching.domain.pins import Pin, held_pairs
from services.matching.domain.proposals import PROPOSED, Proposal
from services.matching.store import known
from services.matching.store.repositories import PINS, PROPOSALS
from shared.storage.mongo import Document
from shared.storage.work import Reader, Work

STANDING: Document = {"lifted_at": None}


async def standing(reader: Reader, slugs: Sequence[str], day: str) -> list[Pin]:
    """Those of these programmes that stand on a day, by id."""
    pins = await PINS.find(reader, {"programme": {"$in": list(slugs)}, **STANDING}, sort=[("_id", 1)])
    return [pin for pin in pins if pin.stands(day)]


async def in_pool(reader: Reader, slugs: Sequence[str], day: str) -> list[Pin]:
    """Those that stand on a day and whose two sides are of these programmes, by id.

    Nobody is held by a pin across programmes that share no pool any more: their pair could not begin.
    """
    pins = await standing(reader, slugs, day)
    sides = {one.id: one.programme for one in await known.engagements(reader, {pin.engagement for pin in pins})}
    return [pin for pin in pins if sides.get(pin.engagement) in slugs]


async def held(reader: Reader, slugs: Sequence[str], day: str) -> tuple[Pair, ...]:
    """Pairs that a round of that day does not move: both were told, or a person has pinned them."""
    told = await PROPOSALS.find(reader, {"programme": {"$in": list(slugs)}, "state": PROPOSED})
    pinned = await in_pool(reader, slugs, day)
    return tuple(sorted(held_pairs(_pairs(told), _pairs(pinned))))


async def lift(work: Work, query: Document, because: str) -> None:
    """Lifts all that fit and stand."""
    for pin in await PINS.find(work, {**query, **STANDING}):
        await PINS.save(work, pin.lifted(work.now, because), "lifted", ("lifted_at", "lifted_because"))


def _pairs(rows: Iterable[Proposal | Pin]) -> Iterator[Pair]:
    return ((one.engagement, one.participation) for one in rows)
