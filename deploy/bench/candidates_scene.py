"""One family after the other asks the service for its candidates, over one connection."""

import asyncio
import time
from dataclasses import dataclass, field
from typing import Final

from deploy.bench.round_scene import FAMILIES_A_MENTOR, RoundScene
from shared.kernel.ids import new_id
from shared.security.principals import Grant

_DAY: Final = "2026-01-15"
_EMPTY: Final = "ohne-wartende"
_BEATS_LAST: Final = 20.0


@dataclass(slots=True)
class CandidatesScene:
    """The towns of ``RoundScene``, each with one round behind it, asked for the candidates of those who wait."""

    rounds: RoundScene
    waiting: dict[int, list[str]] = field(default_factory=dict)
    latest: dict[str, float] = field(default_factory=dict)
    """The last figures, of whichever size was last."""
    medians: dict[str, float] = field(default_factory=dict)
    median: float = 0.0
    bytes_answered: int = 0

    async def ours(self, mentors: int, seconds: float) -> float:
        """Milliseconds within which 99 of 100 answers with all candidates and reasons come."""
        await self._prepare(mentors)
        paths = [f"candidates?participation={key}&date={_DAY}" for key in self.waiting[mentors]]
        self.latest["candidates"] = await self._ask(mentors, paths, seconds)
        self.medians["candidates"] = self.median
        return self.latest["candidates"]

    async def empty(self, mentors: int, seconds: float) -> float:
        """The same of a request that is authorised, and finds nothing."""
        await self._prepare(mentors)
        size = self.bytes_answered
        self.latest["empty"] = await self._ask(mentors, [f"waiting?programme={_EMPTY}&limit=1"], seconds)
        self.bytes_answered, self.medians["empty"] = size, self.median
        return self.latest["empty"]

    async def _prepare(self, mentors: int) -> None:
        if mentors in self.waiting:
            return
        families = mentors * FAMILIES_A_MENTOR
        await self.rounds.ours(families, 0.0)
        rows = self.rounds.store.mongo.city(_city(mentors))["waiting"]
        self.waiting[mentors] = [row["_id"] async for row in rows.find({"waits": True}, {"_id": 1}).limit(500)]
        if not self.waiting[mentors]:
            raise RuntimeError("nobody waits after the round")

    async def _ask(self, mentors: int, paths: list[str], seconds: float) -> float:
        await self.rounds.fresh_consents()
        fresh_until = time.perf_counter() + _BEATS_LAST
        issuer, city = self.rounds.deployment.issuer, _city(mentors)
        token = issuer.issue(new_id("sub"), [Grant(role="coordinator", city=city)])
        address = self.rounds.deployment.url("matching").removeprefix("http://")
        host, _, port = address.partition(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        times: list[float] = []
        until = time.perf_counter() + seconds
        number = 0
        while time.perf_counter() < until:
            if time.perf_counter() > fresh_until:
                await self.rounds.fresh_consents()
                fresh_until = time.perf_counter() + _BEATS_LAST
            path = f"/v1/cities/{city}/{paths[number % len(paths)]}"
            head = f"GET {path} HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {token}\r\n\r\n"
            began = time.perf_counter()
            writer.write(head.encode())
            status, body = await _answer(reader)
            times.append(time.perf_counter() - began)
            if status != 200:
                raise RuntimeError(f"{path} was answered {status}: {body[:500]!r}")
            self.bytes_answered = len(body)
            number += 1
        writer.close()
        ordered = sorted(times)
        self.median = 1_000 * ordered[len(ordered) // 2]
        return 1_000 * ordered[min(len(ordered) - 1, len(ordered) * 99 // 100)]


async def _answer(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    start = head.index(b"content-length:") + 15
    length = int(head[start : head.index(b"\r\n", start)])
    return int(head[9:12]), await reader.readexactly(length)


def _city(mentors: int) -> str:
    return f"messstadt-{mentors * FAMILIES_A_MENTOR}"
