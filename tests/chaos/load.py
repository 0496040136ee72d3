"""Clients that go on asking, with the same ids and keys, until they are answered."""

import asyncio
import random
from collections.abc import AsyncIterator, Coroutine, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from shared.kernel.ids import new_id
from tests.chaos.town import Town

VISITORS = 6
_PATIENCE = 60.0
_PAUSE = 0.1
PACE = 0.08
"""Seconds between two changes of a client: clients share the cores with all that they test."""
IMPATIENT = 0.1
"""How often a client sends a change twice at the same moment; one of the two must have no effect of its own."""
_AGAIN = frozenset({429, 500, 502, 503, 504})
_WAITS = frozenset({"in-progress", "not-yet-known"})


@dataclass(slots=True)
class Load:
    """A stream of changes in all services of one town, the same for the same seed but for its timing.

    ``pace`` are the seconds that a client rests after each change.
    """

    town: Town
    rng: random.Random
    pace: float
    stopping: bool = False

    async def visitor(self, corrects: float = 0.3) -> None:
        """Logs visits; corrects this share of them."""
        while not self.stopping:
            key, tandem = self._id("vis"), self.rng.choice(self.town.tandems)
            body = {"id": key, "tandem": tandem, "kind": "home_visit", "date": self.town.day, "minutes": 60}
            self.town.history.minutes[key] = 60
            await self._change("visits.visits.v1", "POST", "visits", body, key=key)
            if self.rng.random() < corrects:
                self.town.history.minutes[key] = minutes = self.rng.randrange(61, 600)
                change = {"reason": "miscounted", "minutes": minutes}
                await self._change("visits.visits.v1", "PATCH", f"visits/{key}", change, key=key, version=1)

    async def coordinator(self, engagement: str) -> None:
        """Changes one mentor again and again."""
        topic = "registry.engagements.v1"
        while not self.stopping:
            version = self.town.history.versions[topic, engagement]
            slots = [self.rng.choice(["mon-am", "tue-pm", "wed-eve", "thu-noon"])]
            path = f"engagements/{engagement}"
            await self._change(topic, "PATCH", path, {"slots": slots}, key=engagement, version=version)

    async def matchmaker(self, engagement: str, participation: str) -> None:
        """Begins a tandem and ends it, again and again; leaves none behind."""
        topic = "matching.tandems.v1"
        while not self.stopping:
            key = self._id("tan")
            pair = {"id": key, "engagement": engagement, "participation": participation, "date": self.town.day}
            await self._change(topic, "POST", "tandems", pair, key=key)
            end = {"on": self.town.day, "reason": "goal_reached"}
            await self._change(topic, "POST", f"tandems/{key}:end", end, key=key, version=1)

    async def _change(
        self, topic: str, method: str, path: str, body: Mapping[str, Any], *, key: str, version: int | None = None
    ) -> None:
        history, service = self.town.history, topic.split(".", maxsplit=1)[0]
        headers = self.town.headers() | {"Idempotency-Key": self._id("key")}
        if version is not None:
            headers["If-Match"] = f'"{version}"'
        history.sending(topic, key)
        async with asyncio.timeout(_PATIENCE):
            while (answer := await self._try(service, method, path, body, headers)) is None:
                history.repeats += 1
                await asyncio.sleep(_PAUSE)
        assert answer.is_success, f"{method} {service} {path}: {answer.status_code} {answer.text}"
        history.answered(topic, key, int(answer.headers["ETag"].strip('"')))
        await asyncio.sleep(self.pace)

    async def _try(
        self, service: str, method: str, path: str, body: Mapping[str, Any], headers: Mapping[str, str]
    ) -> httpx.Response | None:
        """The answer, the better one of two; ``None`` where there was none, or one that asks for patience."""
        times = 2 if self.rng.random() < IMPATIENT else 1
        answers = await asyncio.gather(*(self._ask(service, method, path, body, headers) for _ in range(times)))
        return min(filter(None, answers), key=lambda answer: answer.status_code, default=None)

    async def _ask(
        self, service: str, method: str, path: str, body: Mapping[str, Any], headers: Mapping[str, str]
    ) -> httpx.Response | None:
        try:
            answer = await self.town.http.request(
                method, self.town.url(service, path), json=dict(body), headers=dict(headers)
            )
        except httpx.TransportError:
            return None
        if answer.status_code in _AGAIN or (answer.status_code == 409 and answer.json()["code"] in _WAITS):
            return None
        return answer

    def _id(self, prefix: str) -> str:
        return new_id(prefix, self.rng.randbytes)


@asynccontextmanager
async def streaming(town: Town, seed: int, visitors: int = VISITORS, pace: float = PACE) -> AsyncIterator[Load]:
    """Changes arrive while the block runs; at its end every one of them is acknowledged."""
    load = Load(town, random.Random(f"{town.city}/{seed}"), pace)
    others = [*(load.coordinator(engagement) for engagement in town.engagements[:2]), load.matchmaker(*town.spare[0])]
    async with _at_work(load, [*(load.visitor() for _ in range(visitors)), *others]):
        yield load


@asynccontextmanager
async def crowding(town: Town, visitors: int) -> AsyncIterator[None]:
    """More visitors come for a while, who correct little and do not rest between two changes."""
    load = Load(town, random.Random(f"{town.city}/{town.history.total()}"), pace=0)
    async with _at_work(load, [load.visitor(corrects=0.05) for _ in range(visitors)]):
        yield


@asynccontextmanager
async def _at_work(load: Load, clients: Sequence[Coroutine[Any, Any, None]]) -> AsyncIterator[None]:
    tasks = [asyncio.create_task(client) for client in clients]
    try:
        yield
    finally:
        # Also after a failure: a change that nobody waits for would be a riddle to the next test.
        load.stopping = True
        await asyncio.gather(*tasks)
