"""What goes wrong in a house, each for the length of a block, and mended at its end as an operator would."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Final

from pymongo import MongoClient
from pymongo.database import Database
from typer.testing import CliRunner

from services.cli import app
from shared.contracts.catalog import BY_NAME
from shared.kernel.ids import new_id
from shared.messaging.dead_letters import LIMIT
from shared.messaging.kafka import Kafka
from shared.messaging.reactions import ENOUGH_TRIES
from shared.testing.waiting import eventually
from tests.end_to_end.conftest import House
from tests.end_to_end.town import Mentor, Town

FROZEN: Final = 1.6
"""Seconds for which a server with a sick disk stands still."""
FREE: Final = 0.5
"""Seconds for which it works in between."""
TANDEMS: Final = BY_NAME["matching.tandems.v1"]
WAITING: Final = BY_NAME["matching.waiting.v1"]
NO_EVENT: Final = b"no event of ours"


@asynccontextmanager
async def stopped(house: House, service: str) -> AsyncIterator[None]:
    """A service does not run."""
    await asyncio.to_thread(house.services.components[service].stop)
    try:
        yield
    finally:
        await asyncio.to_thread(house.services.restart, service)


@asynccontextmanager
async def killed(house: House, server: str) -> AsyncIterator[None]:
    """A part of the stack does not run."""
    await asyncio.to_thread(house.stack.kill, server)
    try:
        yield
    finally:
        await asyncio.to_thread(house.stack.restart, server)


@asynccontextmanager
async def stuttering(house: House, server: str) -> AsyncIterator[None]:
    """A part of the stack stands still again and again."""

    async def stutter() -> None:
        while True:
            with house.stack.paused(server):
                await asyncio.sleep(FROZEN)
            await asyncio.sleep(FREE)

    sick = asyncio.create_task(stutter())
    try:
        yield
    finally:
        sick.cancel()
        await asyncio.wait([sick])


@asynccontextmanager
async def poisoned(house: House, town: Town, helper: Mentor) -> AsyncIterator[None]:
    """Somebody else writes under a tandem's key; then it ends, and that has to wait in each service that reads it."""
    tandem = await town.tandem(helper, await town.family("Edda Beispiel"))
    await _write(house, TANDEMS.name, [TANDEMS.kafka_key(town.city, tandem)])
    for service in TANDEMS.consumers:
        await eventually(partial(_letters, house, service), within=30)
    found = await town.get("matching", f"tandems/{tandem}")
    body = {"on": town.begin, "reason": "goal_reached"}
    await town.call("matching", "POST", f"tandems/{tandem}:end", body, version=found["version"])
    try:
        yield
    finally:
        for service in TANDEMS.consumers:
            await asyncio.to_thread(_discard_all, house, service)


@asynccontextmanager
async def overfull(house: House) -> AsyncIterator[None]:
    """Somebody else has written as many records as a consumer sets aside before it stands still, and one more."""
    [reader] = WAITING.consumers
    await _write(house, WAITING.name, [new_id("xxx") for _ in range(LIMIT)])
    await eventually(partial(_letters, house, reader), until=lambda count: count >= LIMIT, within=30)
    await _write(house, WAITING.name, [new_id("xxx")])
    try:
        yield
    finally:
        _forget_letters(house, reader)
        # The one more is set aside when the consumer goes on.
        await eventually(partial(_letters, house, reader), within=30)
        _forget_letters(house, reader)


@asynccontextmanager
async def hopeless(house: House, town: Town, service: str) -> AsyncIterator[None]:
    """A command that an event asked for has failed nearly as often as it may, and goes on failing."""
    row: dict[str, Any] = {"_id": f"{new_id('evt')}:nothing", "name": "nothing", "city": town.city, "payload": {}}
    row |= {"tries": ENOUGH_TRIES - 1, "due": datetime.now(UTC)}
    with _runtime(house, service) as runtime:
        runtime["reactions"].insert_one(row)
    try:
        yield
    finally:
        await asyncio.to_thread(_tueroeffner, house, service, "reactions", "discard", str(row["_id"]))


@asynccontextmanager
async def lease_held(house: House, service: str, lease: str) -> AsyncIterator[None]:
    """Another process holds a lease, and does not do what it is for."""
    now = datetime.now(UTC)
    await asyncio.to_thread(_give_lease, house, service, lease, now + timedelta(hours=1))
    try:
        yield
    finally:
        await asyncio.to_thread(_give_lease, house, service, lease, now)


def _give_lease(house: House, service: str, lease: str, until: datetime) -> None:
    with _runtime(house, service) as runtime:
        runtime["leases"].update_one({"_id": lease}, {"$set": {"owner": "somebody", "until": until}})


async def _write(house: House, topic: str, keys: Sequence[str]) -> None:
    producer = Kafka(house.stack.kafka, "somebody").producer()
    await producer.start()
    try:
        for key in keys:
            await producer.send_and_wait(topic, NO_EVENT, key=key.encode())
    finally:
        await producer.stop()


@contextmanager
def _runtime(house: House, service: str) -> Iterator[Database[dict[str, Any]]]:
    client: MongoClient[dict[str, Any]] = MongoClient(house.stack.mongo_url)
    try:
        yield client[f"{service}_runtime"]
    finally:
        client.close()


def _letters(house: House, service: str) -> int:
    with _runtime(house, service) as runtime:
        return runtime["dead_letters"].count_documents({})


def _forget_letters(house: House, service: str) -> None:
    with _runtime(house, service) as runtime:
        runtime["dead_letters"].delete_many({"topic": WAITING.name})


def _discard_all(house: House, service: str) -> None:
    with _runtime(house, service) as runtime:
        letters = [str(row["_id"]) for row in runtime["dead_letters"].find({}, {"_id": 1})]
    for letter in letters:
        _tueroeffner(house, service, "deadletters", "discard", letter)


def _tueroeffner(house: House, service: str, *arguments: str) -> None:
    """The product's command line, with the service's settings; in this process, since starting Pythons takes long."""
    settings = house.services.environment(service)
    done = CliRunner().invoke(app, [*arguments, "--service", service], env=settings)
    assert done.exit_code == 0, done.output
