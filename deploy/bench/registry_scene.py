"""What the benchmarks of people measure on: a stack, registry, a bare peer, and a city full of invented people."""

import asyncio
import json
import math
import random
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Final

from deploy.bench.bare import DATABASE, bare_client
from deploy.bench.harness import WARM, Run
from deploy.bench.load import Job, Outcome, work_apart
from deploy.bench.visits_scene import bare_answers
from deploy.local import Stack
from deploy.local.ports import free_port
from deploy.local.processes import Component
from deploy.services import Deployment
from services.registry.domain.people import Person
from services.registry.domain.search import FORM, tokens_of
from services.registry.store.repositories import LAYOUT
from shared.kernel.ids import new_id
from shared.security.principals import Grant
from shared.storage.documents import to_document
from shared.storage.mongo import Mongo
from shared.storage.store import Store

CITY: Final = "messstadt"
PEOPLE: Final = 20_000
PEOPLE_OF_A_TRY: Final = 500
SEARCHES: Final = 400
OTHERWISE: Final = 4
"""Every fourth search is for another spelling than the one that is stored."""
_TOKENS_USED: Final = 600.0
_AT_ONCE: Final = 100
_BODIES: Final = 1_000
_FIRST_BIRTHDAY: Final = date(1950, 1, 2)
_DAYS_OF_SIXTY_YEARS: Final = 21_900
_BEGIN: Final = ("Ola", "Mari", "Juli", "Tari", "Wero", "Sani", "Lemi", "Kaso", "Nuri", "Fari", "Besi", "Dora")
_MIDDLE: Final = ("na", "ka", "ra", "sta", "mi", "la", "we", "to", "schi", "do", "ne", "fa", "gu", "li", "pe", "sa")
_END: Final = ("", "n", "r", "wa", "nko", "ska", "mann", "di", "lu", "rova", "ser", "chy")
_SPELLED: Final = (("i", "y"), ("w", "v"), ("sch", "sh"), ("k", "ck"))


@dataclass(frozen=True, slots=True)
class _Route:
    """Where to send, and the status that every answer must have."""

    side: str
    port: int
    path: str
    status: str


@dataclass(slots=True)
class RegistryScene:
    """A running service with a city in it, and its bare peer."""

    deployment: Deployment
    mongo: Mongo
    bare_port: int
    names: Sequence[str]
    worst_busy: float = 0.0
    """The largest share of a core that the clients' process has used: near 1 it would measure itself."""
    signed: float = -math.inf
    header: str = ""
    latest: dict[str, Outcome] = field(default_factory=dict)

    async def search(self, clients: int, seconds: float) -> float:
        """Milliseconds in which 99 of 100 searches are answered."""
        chance = random.Random(2)  # noqa: S311  # the same searches in every round
        asked = [chance.choice(self.names) for _ in range(SEARCHES)]
        bodies = [{"name": spelled(name) if at % OTHERWISE == 0 else name} for at, name in enumerate(asked)]
        return (await self._send(self._ours("people:search", "200"), bodies, clients, seconds)).p99

    async def bare_search(self, clients: int, seconds: float) -> float:
        """The same of the bare peer, asked for names as they are stored."""
        chance = random.Random(2)  # noqa: S311  # the same searches in every round
        bodies = [{"name": chance.choice(self.names)} for _ in range(SEARCHES)]
        return (await self._send(self._bare("people:search", "200"), bodies, clients, seconds)).p99

    async def create(self, clients: int, seconds: float) -> float:
        """People a second over the product's route."""
        return (await self._send(self._ours("people", "201"), _new_people(), clients, seconds)).rate

    async def bare_create(self, clients: int, seconds: float) -> float:
        """Inserts a second over the bare peer's route, sent the same bytes."""
        return (await self._send(self._bare("people", "201"), _new_people(), clients, seconds)).rate

    def _ours(self, path: str, status: str) -> "_Route":
        return _Route("ours", self.deployment.ports["registry"], f"/v1/cities/{CITY}/{path}", status)

    def _bare(self, path: str, status: str) -> "_Route":
        return _Route("bare", self.bare_port, f"/{path}", status)

    async def _send(self, route: "_Route", bodies: list[dict[str, str]], clients: int, seconds: float) -> Outcome:
        """One job in a process of its own. Raises ``RuntimeError`` where anything else came back, or nothing."""
        senders = [(self._signed(), json.dumps(body, ensure_ascii=False)) for body in bodies]
        outcome = await work_apart(Job(route.port, route.path, clients, seconds, senders))
        if set(outcome.statuses) - {route.status} or (seconds > WARM and not outcome.statuses):
            raise RuntimeError(f"{route.side} answered {outcome.statuses}")
        self.latest[route.side] = outcome
        self.worst_busy = max(self.worst_busy, outcome.busy)
        return outcome

    def _signed(self) -> str:
        # To sign is slow, and tokens last 15 minutes.
        if time.monotonic() - self.signed > _TOKENS_USED:
            self.signed = time.monotonic()
            token = self.deployment.issuer.issue(new_id("sub"), [Grant(role="coordinator", city=CITY)])
            self.header = f"Authorization: Bearer {token}\r\nContent-Type: application/json\r\n"
        return self.header


_PERSON: Final = {
    "as_documented": "{word} {word}beispiel",
    "call_name": "Nari",
    "telephone": "0000 123456",
}


def invented_birthdays(count: int) -> list[str]:
    """Days of sixty years, the same in every run."""
    chance = random.Random(3)  # noqa: S311  # the same town in every run
    return [
        (_FIRST_BIRTHDAY + timedelta(days=chance.randrange(_DAYS_OF_SIXTY_YEARS))).isoformat() for _ in range(count)
    ]


def _new_people() -> list[dict[str, str]]:
    return [{**_PERSON, "birth_date": born} for born in invented_birthdays(_BODIES)]


def _plain(name: str, born: str) -> dict[str, str]:
    return {**_PERSON, "as_documented": name, "birth_date": born}


def invented_names(count: int) -> list[str]:
    """First and family names of syllables, the same in every run; some share one, as people do."""
    chance = random.Random(1)  # noqa: S311  # the same town in every run

    def word() -> str:
        return chance.choice(_BEGIN) + "".join(chance.choices(_MIDDLE, k=chance.randint(1, 2))) + chance.choice(_END)

    return [f"{word()} {word()}" for _ in range(count)]


def spelled(name: str) -> str:
    """The name as somebody else transliterates it."""
    for written, otherwise in _SPELLED:
        name = name.replace(written, otherwise)
    return name


@asynccontextmanager
async def registry_scene(run: Run) -> AsyncIterator[RegistryScene]:
    """The service alone on a stack of its own: relay, consumer and audit chain work as they always do."""
    names = invented_names(PEOPLE if run.counts else PEOPLE_OF_A_TRY)
    with Stack.start(run.folder / "registry-stack") as stack:
        deployment = Deployment(run.folder / "registry", stack.mongo_url, stack.kafka)
        await asyncio.to_thread(deployment.prepare)
        mongo = Mongo(stack.mongo_url, "registry")
        await settle(Store(mongo, (deployment.root / "master.key").read_bytes(), LAYOUT), names)
        bare_people = bare_client(stack.mongo_url)[DATABASE]["people"]
        await bare_people.create_index("as_documented")
        born = invented_birthdays(len(names))
        await bare_people.insert_many([_plain(name, day) for name, day in zip(names, born, strict=True)])
        port = free_port()
        command = [sys.executable, "-m", "deploy.bench.bare", str(port), stack.mongo_url]
        bare = Component("bare", command, run.folder / "bare-people.log", lambda: bare_answers(port))
        try:
            bare.start()
            deployment.launch("registry").wait_until_ready()
            bare.wait_until_ready()
            yield RegistryScene(deployment, mongo, port, names)
        finally:
            bare.stop()
            deployment.stop()
            mongo.close()


async def settle(store: Store, names: Sequence[str]) -> None:
    """Fills the city with people, each sealed under a key of her own, as registering them would leave them."""
    await store.serve_city(CITY)
    key = await store.city_key(CITY, "search")

    async def document(name: str, born: str) -> dict[str, Any]:
        person, identity = new_id("per"), _plain(name, born)
        sealed = await store.vault.seal(CITY, person, identity)
        return to_document(Person(person, sealed, "2026-01", "sub", tokens_of(key, identity), FORM, version=1))

    people = list(zip(names, invented_birthdays(len(names)), strict=True))
    for begin in range(0, len(people), _AT_ONCE):
        documents = await asyncio.gather(*(document(*person) for person in people[begin : begin + _AT_ONCE]))
        await store.mongo.city(CITY)["people"].insert_many(documents)
