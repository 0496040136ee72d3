"""Two cities under load at the same time that use the same ids and keys wherever clients make them."""

import asyncio
import json
import re
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final

import httpx
from prometheus_client.parser import text_string_to_metric_families
from typer.testing import CliRunner

from deploy.services import SERVICES
from services.cli import app
from shared.kernel.ids import new_id
from shared.security.principals import Grant
from shared.storage.chain import oldest_unchained
from shared.storage.mongo import Mongo
from shared.testing.waiting import eventually
from tests.chaos.load import streaming
from tests.chaos.town import PROGRAMME, SITE, Town
from tests.end_to_end.conftest import House

FIRST, SECOND, THIRD = "erlenau", "weidenau", "lindental"
NOWHERE: Final = "nirgendau"
VISITS: Final = 60
"""How many visits each city logs, at least."""
_ID: Final = re.compile(rb"\b[a-z]{3}_[0-7][0-9a-hjkmnp-tv-z]{25}\b")
_SEED: Final = 4
_ANSWERS: Final = 30.0
"""Seconds: reports are made beside the load of other tests."""

Asked = tuple[str, str, str]
"""Service, method and class of the status of an answer."""


@dataclass(frozen=True, slots=True)
class Twins:
    """Ids and a key that both cities use."""

    person: str = field(default_factory=lambda: new_id("per"))
    family: str = field(default_factory=lambda: new_id("fam"))
    engagement: str = field(default_factory=lambda: new_id("eng"))
    visit: str = field(default_factory=lambda: new_id("vis"))
    key: str = field(default_factory=lambda: new_id("key"))

    @property
    def ids(self) -> set[str]:
        """The ids of things."""
        return {self.person, self.family, self.engagement, self.visit}


@dataclass(slots=True)
class Neighbours:
    """The house's two cities. ``answers`` counts what clients were answered in each."""

    house: House
    towns: Mapping[str, Town]
    twins: Twins = field(default_factory=Twins)
    answers: dict[str, Counter[Asked]] = field(default_factory=dict)
    replies: dict[tuple[str, str], httpx.Response] = field(default_factory=dict)
    """The answers to what both cities were asked under the same key, by city and service path."""

    def token(self, *cities: str, person: str | None = None) -> dict[str, str]:
        """The headers of whoever may everything in these cities, and is nobody in any other."""
        roles = ["city", "coordinator", "auditor", *(["mentor"] if person else [])]
        grants = [Grant(role, city) for city in cities for role in roles]
        return {"Authorization": f"Bearer {self.house.services.issuer.issue('both/desk', grants, person)}"}

    async def ask(
        self, service: str, city: str, method: str, path: str, body: Any = None, *, headers: Mapping[str, str]
    ) -> httpx.Response:
        """The answer to a request in a city, whatever it is."""
        town = self.towns[city]
        return await town.http.request(
            method, town.url(service, path).rstrip("/"), json=body, headers=dict(headers), timeout=_ANSWERS
        )

    def visits(self, city: str) -> int:
        """How many visits were logged in a city."""
        told = [key for topic, key in self.towns[city].history.versions if topic == "visits.visits.v1"]
        return len({*told, self.twins.visit})

    async def both(self, service: str, path: str, bodies: Mapping[str, Any]) -> None:
        """The same request at the same time in both cities, under one key and from one bearer who works in both."""
        headers = self.token(FIRST, SECOND) | {"Idempotency-Key": self.twins.key}
        got = await asyncio.gather(
            *(self.ask(service, city, "POST", path, bodies[city], headers=headers) for city in self.towns)
        )
        self.replies |= {(city, path): answer for city, answer in zip(self.towns, got, strict=True)}

    async def at_rest(self) -> bool:
        """Whether all that happened in both cities was told, heard and chained."""
        for name in SERVICES:
            mongo = Mongo(self.house.stack.mongo_url, name)
            try:
                for city in self.towns:
                    waiting = await mongo.city(city)["outbox"].find_one({}), await oldest_unchained(mongo, city)
                    reaction = await mongo.runtime()["reactions"].find_one({"city": city})
                    if any(found is not None for found in (*waiting, reaction)):
                        return False
            finally:
                mongo.close()
        return True

    async def counted(self, city: str) -> Counter[Asked]:
        """What the services' own metrics say that was answered in a city."""
        found: Counter[Asked] = Counter()
        for name in SERVICES:
            for sample in await self.samples(name, "tueroeffner_web_requests_total"):
                if sample.labels["city"] == city:
                    key = (name, sample.labels["method"], sample.labels["status"])
                    found[key] += int(sample.value)
        return found

    async def samples(self, service: str, metric: str) -> list[Any]:
        """The samples of a metric."""
        async with httpx.AsyncClient(timeout=10) as http:
            text = (await http.get(f"{self.house.services.url(service)}/metrics")).text
        return [one for family in text_string_to_metric_families(text) for one in family.samples if one.name == metric]


def ids_in(content: bytes) -> set[str]:
    """Every id in it, but for those of processes that write the audit: they work in all cities."""
    return {found.decode() for found in _ID.findall(content) if not found.startswith(b"wri_")}


@asynccontextmanager
async def neighbours(house: House) -> AsyncIterator[Neighbours]:
    """Both cities have worked at the same time, a third was opened meanwhile, and nothing is under way any more."""
    towns = await asyncio.gather(*(Town.build(house.services, city) for city in (FIRST, SECOND)))
    scene = Neighbours(house, {town.city: town for town in towns})
    # What was answered while the cities were built is not in these counts; it is the same in the metrics' beginnings.
    for town in towns:
        scene.answers[town.city] = await scene.counted(town.city)
        town.http.event_hooks["response"].append(_counting(scene, town))
    async with streaming(towns[0], _SEED, visitors=2), streaming(towns[1], _SEED, visitors=2):
        await asyncio.gather(_twins(scene), _opened(house))
        for town in towns:
            await eventually(lambda town=town: len(town.history.minutes) > VISITS, within=60)  # type: ignore[misc]
    await eventually(scene.at_rest, within=60, every=0.2)
    yield scene
    for town in towns:
        await town.close()


def _counting(scene: Neighbours, town: Town) -> Any:
    services = {scene.house.services.url(name): name for name in SERVICES}

    async def count(answer: httpx.Response) -> None:
        url = answer.request.url
        service = services[f"{url.scheme}://{url.host}:{url.port}"]
        scene.answers[town.city][service, answer.request.method, f"{answer.status_code // 100}xx"] += 1

    return count


async def _twins(scene: Neighbours) -> None:
    """The same ids in both cities, each with another content; then one family is erased in one of them."""
    twins = scene.twins
    await scene.both(
        "registry",
        "people",
        {city: {"id": twins.person, "as_documented": f"Frau {city.title()}"} for city in scene.towns},
    )
    household = {"id": twins.family, "persons": [twins.person], "district": "ost", "languages": {"uk": "native"}}
    await scene.both("registry", "families", dict.fromkeys(scene.towns, household))
    helper = {"id": twins.engagement, "person": twins.person, "programme": PROGRAMME, "role": "volunteer", "site": SITE}
    await scene.both(
        "registry", "engagements", {city: helper | {"date": town.day} for city, town in scene.towns.items()}
    )
    visits = {
        city: {"id": twins.visit, "tandem": town.tandems[0], "kind": "home_visit", "date": town.day, "minutes": minutes}
        for minutes, (city, town) in zip((11, 22), scene.towns.items(), strict=True)
    }
    await scene.both("visits", "visits", visits)
    headers = scene.token(FIRST)
    asked = await scene.ask("registry", FIRST, "POST", "erasures", {"subject": twins.person}, headers=headers)
    assert asked.status_code == 202, asked.text

    async def complete() -> bool:
        answer = await scene.ask("registry", FIRST, "GET", f"erasures/{asked.json()['id']}", headers=headers)
        return answer.json()["completed_at"] is not None

    await eventually(complete, within=30)


async def _opened(house: House) -> None:
    """A third city, opened from the command line."""
    folder = house.root / "third"
    folder.mkdir()
    place = {"slug": THIRD, "name": "Lindental", "state": "Nirgendland", "licence": "CC0-1.0"}
    (folder / "city.json").write_text(json.dumps(place | {"districts": [{"slug": "mitte", "name": "Mitte"}]}))
    urls = {name: house.services.url(name) for name in SERVICES}
    (folder / "running.json").write_text(json.dumps({"urls": urls}))
    (folder / "token").write_text(house.services.issuer.issue("office", [Grant("association")]))
    code, told = await command(
        "city",
        "add",
        str(folder / "city.json"),
        "--at",
        str(folder / "running.json"),
        "--token-file",
        str(folder / "token"),
    )
    assert code == 0, told


async def command(*arguments: str, environment: Mapping[str, str] | None = None) -> tuple[int, str]:
    """Exit code and output of ``tueroeffner``, in a thread of this process."""
    result = await asyncio.to_thread(CliRunner().invoke, app, list(arguments), env=dict(environment or {}))
    return result.exit_code, result.output
