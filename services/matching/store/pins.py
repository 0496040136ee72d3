"""Pins in the store, and with them every pair that a round leaves where it is though no tandem runs yet."""

from collections.abc import Sequence

from services.matching.domain.instance import Pair
from services.matching.domain.pins import Pin
from services.matching.domain.proposals import PROPOSED
from services.matching.store.repositories import PINS, PROPOSALS
from shared.storage.mongo import Document
from shared.storage.work import Reader, Work

STANDING: Document = {"lifted_at": None}


async def standing(reader: Reader, slugs: Sequence[str], day: str) -> list[Pin]:
    """Those of these programmes that stand on a day, by id."""
    pins = await PINS.find(reader, {"programme": {"$in": list(slugs)}, **STANDING}, sort=[("_id", 1)])
    return [pin for pin in pins if pin.stands(day)]


async def held(reader: Reader, slugs: Sequence[str], day: str) -> tuple[Pair, ...]:
    """Pairs that a round of that day does not move: both were told, or a person has pinned them."""
    told = await PROPOSALS.find(reader, {"programme": {"$in": list(slugs)}, "state": PROPOSED})
    pairs = {(one.engagement, one.participation) for one in told}
    pairs |= {(pin.engagement, pin.participation) for pin in await standing(reader, slugs, day)}
    return tuple(sorted(pairs))


async def lift(work: Work, query: Document, because: str) -> None:
    """Lifts all that fit and stand."""
    for pin in await PINS.find(work, {**query, **STANDING}):
        await PINS.save(work, pin.lifted(work.now, because), "lifted", ("lifted_at", "lifted_because"))
