"""What the benchmarks of visits measure on: a stack, the service, a bare peer, and a city full of invented tandems."""

import asyncio
import json
import math
import random
import sys
import time
import urllib.request
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final

from deploy.bench.bare import DATABASE, bare_client
from deploy.bench.harness import WARM, Run
from deploy.bench.load import Job, Outcome, work_apart
from deploy.local import Stack
from deploy.local.ports import free_port
from deploy.local.processes import Component
from deploy.services import Deployment
from services.visits.store import LAYOUT, known
from shared.kernel.ids import new_id
from shared.security.principals import Grant
from shared.storage.mongo import Mongo
from shared.storage.store import Store

CITY: Final = "messstadt"
TANDEMS: Final = 300
MENTORS: Final = 200
PROGRAMME: Final = "paten"
_TOKENS_USED: Final = 600.0
_DAY: Final = "2026-01-15"
_NOTE: Final = "Sie hat sich gefreut; der Termin beim Amt ist verschoben, wir üben das Ausfüllen der Formulare. " * 2


@dataclass(slots=True)
class VisitsScene:
    """A running service with a city in it, and its bare peer."""

    deployment: Deployment
    mongo: Mongo
    bare_port: int
    senders: list[tuple[str, str]] = field(default_factory=list)
    """Each tandem's mentor (a person) and the tandem."""
    worst_busy: float = 0.0
    """The largest share of a core that the clients' process has used: near 1 it would measure itself."""
    signed: float = -math.inf
    requests: list[tuple[str, str]] = field(default_factory=list)
    latest: dict[str, Outcome] = field(default_factory=dict)

    async def ours(self, clients: int, seconds: float) -> float:
        """Visits a second over the product's route."""
        path = f"/v1/cities/{CITY}/visits"
        return (await self.send("ours", self.deployment.ports["visits"], path, clients, seconds)).rate

    async def bare(self, clients: int, seconds: float) -> float:
        """Inserts a second over the bare peer's route, sent the same bytes."""
        return (await self.send("bare", self.bare_port, "/visits", clients, seconds)).rate

    async def send(self, side: str, port: int, path: str, clients: int, seconds: float) -> Outcome:
        """One job in a process of its own. Raises ``RuntimeError`` where anything but 201 came back, or nothing."""
        outcome = await work_apart(Job(port, path, clients, seconds, self._requests()))
        if set(outcome.statuses) - {"201"} or (seconds > WARM and not outcome.statuses):
            raise RuntimeError(f"{side} answered {outcome.statuses}")
        self.latest[side] = outcome
        self.worst_busy = max(self.worst_busy, outcome.busy)
        return outcome

    def entry(self, tandem: str, key: str) -> dict[str, Any]:
        """A visit as it is sent."""
        plain = {"id": key, "tandem": tandem, "kind": "home_visit", "date": _DAY, "minutes": 90}
        return {**plain, "topics": ["health"], "language": "uk", "note": _NOTE}

    def token(self, person: str) -> str:
        """A mentor's token, valid for 15 minutes."""
        grant = Grant(role="mentor", city=CITY)
        return self.deployment.issuer.issue(new_id("sub"), [grant], person=person)

    def _requests(self) -> list[tuple[str, str]]:
        # To sign is slow, and tokens last 15 minutes.
        if time.monotonic() - self.signed > _TOKENS_USED:
            self.signed = time.monotonic()
            self.requests = self._signed_requests()
        return self.requests

    def _signed_requests(self) -> list[tuple[str, str]]:
        tokens = {person: self.token(person) for person, _ in self.senders}
        return [
            (
                f"Authorization: Bearer {tokens[person]}\r\nContent-Type: application/json\r\n",
                json.dumps(self.entry(tandem, "{id}"), ensure_ascii=False),
            )
            for person, tandem in self.senders
        ]


@asynccontextmanager
async def visits_scene(run: Run) -> AsyncIterator[VisitsScene]:
    """The service alone on a stack of its own: relay, consumer and audit chain work as they always do."""
    with Stack.start(run.folder / "visits-stack") as stack:
        deployment = Deployment(run.folder / "visits", stack.mongo_url, stack.kafka)
        await asyncio.to_thread(deployment.prepare)
        mongo = Mongo(stack.mongo_url, "visits")
        senders = await settle(Store(mongo, (deployment.root / "master.key").read_bytes(), LAYOUT))
        port = free_port()
        command = [sys.executable, "-m", "deploy.bench.bare", str(port), stack.mongo_url]
        bare = Component("bare", command, run.folder / "bare.log", lambda: bare_answers(port))
        try:
            bare.start()
            deployment.launch("visits").wait_until_ready()
            bare.wait_until_ready()
            await bare_client(stack.mongo_url)[DATABASE].create_collection("visits")
            yield VisitsScene(deployment, mongo, port, senders)
        finally:
            bare.stop()
            deployment.stop()
            mongo.close()


async def settle(store: Store) -> list[tuple[str, str]]:
    """Fills the city with what visits would have learned of its tandems; gives each tandem's mentor and the tandem."""
    await store.serve_city(CITY)
    chance = random.Random(1)  # noqa: S311  # the same town in every run
    mentors = [(new_id("eng", chance.randbytes), new_id("per", chance.randbytes)) for _ in range(MENTORS)]
    documents = _places()
    common = {"programme": PROGRAMME, "sites": [{"from": "2025-01-01", "value": "haus"}]}
    documents[known.ENGAGEMENTS] = [{"_id": key, "person": person, **common} for key, person in mentors]
    senders: list[tuple[str, str]] = []
    for number in range(TANDEMS):
        engagement, person = mentors[number % MENTORS]
        tandem, participation = new_id("tan", chance.randbytes), new_id("ptc", chance.randbytes)
        side = {"_id": participation, "family": new_id("fam", chance.randbytes), "person": None, **common}
        side["districts"] = [{"from": "2025-01-01", "value": "ost"}]
        pair = {"_id": tandem, "engagement": engagement, "participation": participation, "programme": PROGRAMME}
        documents.setdefault(known.PARTICIPATIONS, []).append(side)
        documents.setdefault(known.TANDEMS, []).append({**pair, "date": "2025-11-01", "ended_on": None})
        senders.append((person, tandem))
    for collection, rows in documents.items():
        marked = [{**row, "sequence": 1, "erased": False} for row in rows]
        await store.mongo.city(CITY)[collection].insert_many(marked)
    return senders


def _places() -> dict[str, list[dict[str, Any]]]:
    carriers = [{"from": "2025-01-01", "value": "volkshaus"}]
    period = {"begin": "2025-10-01", "until": "2027-01-01"}
    lists = {"activities": [], "topics": ["health", "education"], "services": []}
    return {
        known.SITES: [{"_id": "haus", "district": "ost", "carriers": carriers}],
        known.PROGRAMMES: [{"_id": PROGRAMME, **period, **lists}],
    }


def bare_answers(port: int) -> bool:
    """Whether the bare peer is there."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/health/ready", timeout=2):
            return True
    except OSError:
        return False
