"""Each alert fires for a real fault, and ends where that is mended: the product's rules, with all times quicker."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, suppress
from dataclasses import dataclass, field
from typing import Final

import httpx
import pytest
import pytest_asyncio

from deploy.demo.client import mentor, together
from deploy.services import SERVICES
from shared.testing.waiting import eventually
from tests.end_to_end import faults
from tests.end_to_end.conftest import House, calling, running
from tests.end_to_end.town import Mentor, Town
from tests.end_to_end.watching import Watch, read_rules, scaled, start_prometheus

PHONES: Final = 4
PAUSE: Final = 0.3
"""Seconds between two visits of a phone."""
_SEEN: Final = "sum(rate(tueroeffner_visits_logged_total[5s])) > 1"

Alert = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Scene:
    """A town in which phones log visits all the time, and a Prometheus that watches."""

    house: House
    town: Town
    watch: Watch
    helper: Mentor


@dataclass(frozen=True, slots=True)
class Case:
    """A fault, the alerts that it makes fire, each for a service, and what the first of these services answers to
    questions about its health meanwhile.
    """

    fault: Callable[[Scene], AbstractAsyncContextManager[None]]
    alerts: tuple[Alert, ...]
    health: Mapping[str, int] = field(default_factory=dict)


CASES: Final = {
    "service stopped": Case(lambda scene: faults.stopped(scene.house, "matching"), (("ServiceDown", "matching"),)),
    "kafka killed": Case(lambda scene: faults.killed(scene.house, "kafka-1"), (("OutboxOld", "visits"),)),
    "mongod killed": Case(
        lambda scene: faults.killed(scene.house, "mongod-1"),
        (*(("StoreAway", name) for name in SERVICES), ("ErrorRate", "visits")),
        {"live": 200, "serving": 503, "ready": 503},
    ),
    "mongod stands still by turns": Case(
        lambda scene: faults.stuttering(scene.house, "mongod-1"), (("Slow", "visits"),)
    ),
    "record of somebody else": Case(
        lambda scene: faults.poisoned(scene.house, scene.town, scene.helper),
        tuple((alert, name) for alert in ("DeadLetters", "ParkedKeys") for name in faults.TANDEMS.consumers),
    ),
    "too many of them": Case(
        lambda scene: faults.overfull(scene.house),
        (("ConsumerStuck", "reporting"),),
        {"live": 200, "serving": 200, "ready": 503},
    ),
    "command that an event asked for fails": Case(
        lambda scene: faults.hopeless(scene.house, scene.town, "registry"),
        (("ReactionsGivenUp", "registry"),),
        {"live": 200, "serving": 200, "ready": 503},
    ),
    "audit's lease held by a dead process": Case(
        lambda scene: faults.lease_held(scene.house, "visits", "audit"), (("AuditUnchained", "visits"),)
    ),
}
TOGETHER: Final = (
    ("service stopped", "too many of them"),
    ("kafka killed",),
    ("mongod killed",),
    ("mongod stands still by turns",),
    ("record of somebody else", "command that an event asked for fails", "audit's lease held by a dead process"),
)
"""Which of them are made at the same time: they touch different things, and most of it is waiting."""


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """One of its own: a service that reads its topics anew would find more foreign records than it sets aside."""
    with running(tmp_path_factory.mktemp("broken")) as started:
        yield started


@pytest_asyncio.fixture(scope="module")
async def scene(house: House) -> AsyncIterator[Scene]:
    """For all tests of this module; each mends what it breaks."""
    rules = house.root / "alerts.yml"
    rules.write_text(json.dumps(scaled(read_rules())))
    async with calling(house) as client:
        town = Town(client, "quellental")
        await town.build()
        helper = await town.mentor("Erna Beispiel")
        tandem = await town.tandem(helper, await town.family("Emil Beispiel"))
        with start_prometheus(house.root, house.services, rules) as prometheus:
            phones = [asyncio.create_task(_phone(town, helper, tandem)) for _ in range(PHONES)]
            yield Scene(house, town, Watch(prometheus), helper)
            for phone in phones:
                phone.cancel()
            await asyncio.wait(phones)


async def _phone(town: Town, helper: Mentor, tandem: str) -> None:
    """Logs visits, whatever comes back."""
    body = {"tandem": tandem, "kind": "home_visit", "date": town.begin, "minutes": 60, "topics": ["health"]}
    caller, path = mentor(town.city, helper.person), f"cities/{town.city}/visits"
    while True:
        with suppress(httpx.TransportError):
            await town.client.call(caller, "visits", "POST", path, body, refused=(409, 500, 503))
        await asyncio.sleep(PAUSE)


async def test_nothing_fires_while_all_is_well(scene: Scene) -> None:
    await eventually(lambda: scene.watch.has_data(_SEEN), within=60, every=0.5)
    assert await scene.watch.firing() == set()


@pytest.mark.parametrize("names", TOGETHER, ids=" + ".join)
async def test_alerts_fire_for_a_fault_and_end_when_it_is_mended(scene: Scene, names: tuple[str, ...]) -> None:
    await together([_tried(scene, CASES[name]) for name in names])


async def _tried(scene: Scene, case: Case) -> None:
    for alert in case.alerts:
        await scene.watch.ends(*alert)
    async with case.fault(scene):
        for alert in case.alerts:
            await scene.watch.fires(*alert)
        assert await _health(scene, case.alerts[0][1], case.health) == case.health
    for alert in case.alerts:
        await scene.watch.ends(*alert)


async def _health(scene: Scene, service: str, questions: Iterable[str]) -> dict[str, int]:
    async with httpx.AsyncClient(base_url=scene.house.services.url(service), timeout=10) as http:
        return {question: (await http.get(f"/health/{question}")).status_code for question in questions}


def test_every_alert_has_a_fault_that_makes_it_fire() -> None:
    assert {name for names in TOGETHER for name in names} == CASES.keys()
    fire = {alert for case in CASES.values() for alert, _ in case.alerts}
    assert fire == {rule["alert"] for group in read_rules()["groups"] for rule in group["rules"]}
