"""Whether nothing was lost, invented or done twice between a teller and its listener."""

from collections.abc import Mapping, Sequence
from typing import Any

from shared.messaging.events import Event
from shared.storage.chain import chain_city, verify_city
from shared.storage.store import Store
from shared.testing.waiting import eventually
from tests.chaos.floor import PERSONS, Floor
from tests.chaos.tape import Tape


async def settled(floor: Floor, within: float = 60.0) -> None:
    """Waits until the listener has what the teller acknowledged, then asserts that nothing else happened."""
    try:
        await eventually(lambda: _at_rest(floor), within=within, every=0.1)
    finally:
        found = await findings(floor)
        assert found == [], "\n".join(found)


async def findings(floor: Floor) -> list[str]:
    """Everything that is not as it must be, in words; topics must not have been compacted."""
    log = (await Tape(floor.kafka, floor.city).read([PERSONS.name]))[PERSONS.name]
    stored, kept = await _rows(floor.teller, floor.city, "persons"), await _rows(floor.listener, floor.city, "persons")
    effects = await _rows(floor.listener, floor.city, "effects")
    found = _differences("store", {key: row["version"] for key, row in stored.items()}, floor.ledger)
    found += _differences("projection", {key: row["sequence"] for key, row in kept.items()}, floor.ledger)
    found += _differences("effects", {key: row["effects"] for key, row in effects.items()}, floor.ledger)
    found += [f"log: {key} {text}" for key, events in log.items() for text in _log(events, floor.ledger.get(key, 0))]
    found += _differences("log", {key: max(event.sequence for event in log[key]) for key in log}, floor.ledger)
    while await chain_city(floor.teller.mongo, floor.city):
        pass
    return found + [f"audit {finding}" for finding in await verify_city(floor.teller.mongo, floor.city)]


async def _at_rest(floor: Floor) -> bool:
    if await floor.teller.mongo.city(floor.city)["outbox"].find_one({}) is not None:
        return False
    kept = await _rows(floor.listener, floor.city, "effects")
    return {key: row["sequence"] for key, row in kept.items()} == floor.ledger


def _log(events: Sequence[Event], last: int) -> list[str]:
    """Each version once and in order, repeats aside; the last word is the last version; one id for one version."""
    firsts = list(dict.fromkeys((event.sequence, event.id) for event in events))
    found = [] if [number for number, _ in firsts] == list(range(1, last + 1)) else [f"was told as {firsts[:9]}"]
    return found + ([] if events[-1].sequence == last else [f"ends with {events[-1].sequence}, not {last}"])


def _differences(what: str, there: Mapping[str, int], owed: Mapping[str, int]) -> list[str]:
    lost = sorted(key for key, version in owed.items() if there.get(key, 0) < version)
    beyond = sorted(key for key, version in there.items() if owed.get(key, 0) < version)
    found = [f"{what}: {len(lost)} lost, such as {lost[0]}"] if lost else []
    return found + ([f"{what}: {len(beyond)} that nobody asked for, such as {beyond[0]}"] if beyond else [])


async def _rows(store: Store, city: str, collection: str) -> dict[str, Any]:
    return {row["_id"]: row async for row in store.mongo.city(city)[collection].find({})}
