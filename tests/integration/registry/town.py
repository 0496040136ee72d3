"""A town for a test module: two districts, two carriers with a site each, three programmes; invented people only."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from typing import Any, TypeVar

from shared.contracts.catalog import BY_NAME
from shared.security.principals import Actor
from shared.storage.work import Work
from tests.integration.api_parts import Api

T = TypeVar("T")

MODULES = [
    {"code": "health", "title": "Gesundheit", "topics": ["health"]},
    {"code": "violence", "title": "Gewaltprävention", "topics": ["upbringing"]},
]


@dataclass(slots=True)
class Town:
    """Talks to registry for one city; every answer must have the status that is expected."""

    api: Api
    city: str

    async def build(self) -> None:
        """Opens the city and provides places and programmes."""
        districts = [{"slug": "nordufer", "name": "Nordufer"}, {"slug": "suedufer", "name": "Südufer"}]
        body = {"slug": self.city, "name": self.city.title(), "state": "Nirgendland", "licence": "CC0-1.0"}
        await self.ask("POST", "/v1/cities", {**body, "districts": districts}, role="association")
        for slug in ("awo", "insel"):
            await self.post("organisations", {"slug": slug, "name": slug.title(), "roles": ["carrier"]}, role="city")
            await self.post("sites", _site(slug), role="city")
        for programme in (
            {"slug": "muetter", "name": "Stadtteilmütter", "begin": "2025-10-01", "modules": MODULES},
            {"slug": "paten", "name": "WillkommensPaten", "topics": ["authorities", "flat_search"]},
            {"slug": "nachbarin", "name": "Nachbarin", "begin": "2010-03-01", "until": "2011-01-01"},
        ):
            await self.post("programmes", programme, role="city")

    async def ask(
        self, method: str, path: str, body: Any = None, *, expect: int | None = None, role: str = "coordinator",
        headers: dict[str, str] | None = None, **limits: Any,
    ) -> Any:  # fmt: skip
        """The JSON of an answer."""
        async with self.api.client(role, self.city, **limits) as client:
            answer = await client.request(method, path, json=body, headers=headers)
        expected = {"POST": (200, 201, 202)}.get(method, (200,)) if expect is None else (expect,)
        assert answer.status_code in expected, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json()

    async def post(self, path: str, body: Any, **options: Any) -> Any:
        """POST inside the city."""
        return await self.ask("POST", f"/v1/cities/{self.city}/{path}", body, **options)

    async def get(self, path: str, **options: Any) -> Any:
        """GET inside the city."""
        return await self.ask("GET", f"/v1/cities/{self.city}/{path}", **options)

    async def at_the_same_moment(
        self, act: Callable[[Work], Awaitable[Any]], other: Callable[[], Coroutine[Any, Any, T]]
    ) -> T:
        """Does ``act`` in a transaction that stays open while ``other`` is tried beside it; gives what that gave."""
        tried: list[asyncio.Task[T]] = []

        async def body(work: Work) -> None:
            done = await act(work)
            if not tried:
                tried.append(asyncio.create_task(other()))
                await asyncio.wait(tried, timeout=0.3)
            work.remember(200, done.id, done.version)

        await self.api.store.transact(self.city, Actor("usr_1", "coordinator", "request-1"), body)
        return await tried[0]

    async def person(self, name: str = "Oksana Beispiel") -> str:
        """A new person's id."""
        return str((await self.post("people", {"as_documented": name, "telephone": "0000 1"}))["id"])

    async def family(self, *persons: str, **fields: Any) -> str:
        """A new family's id."""
        body = {"persons": list(persons), "district": "nordufer", "since": "2024-01-01", "languages": {"uk": "native"}}
        return str((await self.post("families", {**body, **fields}))["id"])

    async def engagement(self, person: str, programme: str = "paten", **fields: Any) -> str:
        """A new engagement's id."""
        body = {"person": person, "programme": programme, "role": "volunteer", "date": "2025-11-17", "site": "haus-awo"}
        return str((await self.post("engagements", {**body, **fields}))["id"])

    async def participation(self, family: str, programme: str = "paten", **fields: Any) -> str:
        """A new participation's id."""
        body = {"family": family, "programme": programme, "date": "2025-11-17", "site": "haus-awo"}
        return str((await self.post("participations", {**body, **fields}))["id"])

    async def told(self, topic: str, key: str) -> list[Any]:
        """The states of one aggregate as told, oldest first, as consumers read them; ``None`` is a tombstone."""
        name = f"registry.{topic}.v1"
        rows = [row for row in await self.api.events(self.city, name) if row["key"] == f"{self.city}/{key}"]
        assert [row["sequence"] for row in rows] == list(range(1, len(rows) + 1))
        contract = BY_NAME[name].contract
        return [row["value"] and contract.model_validate(json.loads(row["value"])["data"]) for row in rows]


def _site(carrier: str) -> dict[str, str]:
    return {
        "slug": f"haus-{carrier}",
        "name": f"Haus {carrier.title()}",
        "district": "suedufer" if carrier == "insel" else "nordufer",
        "carrier": carrier,
        "carrier_since": "2020-01-01",
    }
