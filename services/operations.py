"""What operations do to a deployment: topics, dead letters, reactions, audit. The command line words it."""

import asyncio
import importlib
from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any, TypeVar

from shared.kernel.errors import NotFound, Poison
from shared.messaging.batch import Fenced
from shared.messaging.dead_letters import DeadLetters
from shared.messaging.kafka import Applied, Kafka, KafkaFault
from shared.messaging.reactions import GivenUp
from shared.messaging.rebuild_rows import RebuildState, ask_for_rebuild, rebuild_state
from shared.messaging.replay import discard, replay
from shared.runtime.process import topic_settings
from shared.runtime.service import Service
from shared.runtime.settings import Settings, SettingsWrong, read_settings
from shared.storage.chain import ChainFinding, verify_city
from shared.storage.mongo import Document, Mongo, MongoFault
from shared.storage.store import Store

FOUND = 1
WRONG = 2
AWAY = 3
_SWAPPING = "a rebuild of its projection is ending; try again in a few seconds"

T = TypeVar("T")


class Failed(Exception):
    """An operation could not be done; ``code`` is the exit code, the text is for whoever typed the command."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(text)
        self.code = code


def run(work: Coroutine[Any, Any, T]) -> T:
    """Runs an operation to its end. Raises ``Failed`` where settings are wrong or a server does not answer."""
    try:
        return asyncio.run(work)
    except SettingsWrong as fault:
        raise Failed(WRONG, str(fault)) from fault
    except MongoFault as fault:
        raise Failed(AWAY, f"MongoDB: {type(fault).__name__}") from fault
    except (KafkaFault, TimeoutError) as fault:
        raise Failed(AWAY, f"Kafka: {type(fault).__name__}") from fault


async def apply_topics() -> Applied:
    """Makes and configures the topics; may be repeated."""
    # Registry's settings stand for all: the topics are those of the whole deployment.
    settings = read_settings("registry")
    return await Kafka(settings.kafka, "topics", settings.topic_prefix).apply_topics(topic_settings(settings))


async def list_letters(service: str) -> list[dict[str, str]]:
    """Id, reason, key and instant of each dead letter, oldest first."""
    async with _store(service) as (_, store):
        rows = await DeadLetters(store.mongo).everything()
    return [
        {"id": row["_id"], "reason": row["reason"], "key": _text(row["key"]), "at": row["at"].isoformat()}
        for row in rows
    ]


async def show_letter(service: str, letter: str) -> Document:
    """One dead letter with its contents, as JSON has them. Raises ``Failed``."""
    async with _store(service) as (_, store):
        row = await DeadLetters(store.mongo).show(letter)
    if row is None:
        raise Failed(FOUND, f"{letter}: not there")
    return {
        **row,
        "key": _text(row["key"]),
        "value": None if row["value"] is None else _text(row["value"]),
        "headers": {name: _text(content) for name, content in row["headers"]},
        "at": row["at"].isoformat(),
        "expires": row["expires"].isoformat() if "expires" in row else None,
    }


async def replay_letter(service: str, letter: str) -> int:
    """Applies a dead letter and what is parked behind it; says how many events. Raises ``Failed``."""
    async with _store(service) as (made, store):
        with _told_of(letter, "still"):
            return await replay(store, DeadLetters(store.mongo), made.projections, letter)


async def discard_letter(service: str, letter: str) -> int:
    """Gives a dead letter up and applies what is parked behind it; says how many events. Raises ``Failed``."""
    async with _store(service) as (made, store):
        with _told_of(letter, "what was parked behind it is"):
            return await discard(store, DeadLetters(store.mongo), made.projections, letter)


@contextmanager
def _told_of(letter: str, poisoned: str) -> Iterator[None]:
    """Why nothing was done about a letter, in an operator's words."""
    try:
        yield
    except NotFound as fault:
        raise Failed(FOUND, f"{letter}: not there") from fault
    except Poison as poison:
        raise Failed(FOUND, f"{letter}: {poisoned} {poison}") from poison
    except Fenced as fenced:
        raise Failed(FOUND, f"{letter}: {_SWAPPING}") from fenced


async def list_reactions(service: str) -> list[dict[str, str]]:
    """Id, name, city and last error of each reaction that was given up."""
    async with _store(service) as (_, store):
        rows = await GivenUp(store.mongo).everything()
    return [{"id": row["_id"], "name": row["name"], "city": row["city"], "error": row.get("error", "")} for row in rows]


async def retry_reaction(service: str, reaction: str) -> None:
    """Lets the running service try a reaction again. Raises ``Failed``."""
    async with _store(service) as (_, store):
        if not await GivenUp(store.mongo).again(reaction):
            raise Failed(FOUND, f"{reaction}: not among those given up")


async def discard_reaction(service: str, reaction: str) -> None:
    """Takes a reaction away that was given up. Raises ``Failed``."""
    async with _store(service) as (_, store):
        if not await GivenUp(store.mongo).discard(reaction):
            raise Failed(FOUND, f"{reaction}: not among those given up")


async def verify_audit(service: str, city: str) -> list[ChainFinding]:
    """What does not hold in a city's audit chain. Raises ``Failed`` for a city that the service does not serve."""
    async with _store(service) as (_, store):
        if not await store.is_served(city):
            raise Failed(FOUND, f"{city}: not served by {service}")
        return await verify_city(store.mongo, city)


async def ask_for_rebuilds(service: str, projection: str = "") -> list[str]:
    """Asks the running service to rebuild one projection, or all; gives their names. Raises ``Failed``.

    A rebuild that is under way is joined.
    """
    async with _store(service) as (made, store):
        names = [one.collection for one in made.projections if projection in ("", one.collection)]
        if not names:
            known = ", ".join(one.collection for one in made.projections)
            raise Failed(WRONG, f"{projection} is no projection of {service}; there are {known}")
        for name in names:
            await ask_for_rebuild(store.mongo, name)
    return names


async def rebuild_states(service: str, names: list[str]) -> list[RebuildState]:
    """How far these rebuilds are."""
    async with _store(service) as (_, store):
        found = [await rebuild_state(store.mongo, name) for name in names]
    return [state for state in found if state is not None]


@asynccontextmanager
async def _store(name: str) -> AsyncIterator[tuple[Service, Store]]:
    settings: Settings = read_settings(name)
    service: Service = importlib.import_module(f"services.{name}.app").SERVICE
    store = Store(Mongo(settings.mongo_url, name), settings.master_key(), service.layout)
    try:
        yield service, store
    finally:
        store.mongo.close()


def _text(content: Any) -> str:
    return bytes(content).decode(errors="replace")
