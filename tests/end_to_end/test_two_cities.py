"""Two cities of one deployment never meet, under load and although both use the same ids and keys."""

from collections import defaultdict
from collections.abc import AsyncIterator
from typing import Any, Final

import httpx
import pytest
import pytest_asyncio

from deploy.services import SERVICES
from shared.contracts.catalog import TOPICS
from shared.kernel.ids import new_id
from shared.messaging.events import Event
from shared.messaging.kafka import Kafka
from shared.messaging.reading import read_to_end
from tests.chaos.town import PROGRAMME
from tests.end_to_end.conftest import House
from tests.end_to_end.neighbours import FIRST, NOWHERE, SECOND, THIRD, Neighbours, command, ids_in, neighbours
from tests.end_to_end.routes import Choose, Route, routes_of
from tests.end_to_end.traces import databases

PAIRS: Final = pytest.mark.parametrize(("city", "other"), [(FIRST, SECOND), (SECOND, FIRST)])
_MINUTES: Final = {FIRST: 11, SECOND: 22}
Stored = dict[str, list[tuple[str, bytes]]]
"""By database its documents, each with the collection where it lies."""


@pytest_asyncio.fixture(scope="module")
async def scene(house: House) -> AsyncIterator[Neighbours]:
    async with neighbours(house) as ready:
        yield ready


@pytest.fixture(scope="module")
def stored(scene: Neighbours) -> Stored:
    """Every document of the house by its database, as bytes with the place where it lies."""
    found: Stored = defaultdict(list)
    for place, content in databases(scene.house):
        found[place.partition(".")[0]].append((place, content))
    return dict(found)


def kept(stored: Stored, city: str) -> dict[str, set[str]]:
    """The ids in a city's databases, each with the collections that have it."""
    found: dict[str, set[str]] = defaultdict(set)
    for name in SERVICES:
        for place, content in stored[f"{name}_{city}"]:
            for one in ids_in(content):
                found[one].add(place)
    return found


@pytest.fixture(scope="module")
def only(scene: Neighbours, stored: Stored) -> dict[str, set[str]]:
    """The ids that a city has alone."""
    return {city: set(kept(stored, city)) - scene.twins.ids for city in scene.towns}


def chooser(ids: set[str]) -> Choose:
    """Gives one of these ids; where there is none of its kind, one that nobody has."""
    return lambda prefix: next((one for one in sorted(ids) if one.startswith(prefix)), new_id(prefix))


def told(answer: httpx.Response) -> dict[str, Any]:
    """What a refusal says, without what is another at each request."""
    return {name: value for name, value in answer.json().items() if name not in ("instance", "correlation_id")}


@pytest_asyncio.fixture(scope="module")
async def routes(house: House) -> list[Route]:
    return await routes_of({name: house.services.url(name) for name in SERVICES})


def test_no_request_failed_while_both_worked_and_a_third_city_was_opened(scene: Neighbours) -> None:
    assert [(city, town.history.repeats) for city, town in scene.towns.items() if town.history.repeats] == []
    refused = {status for answers in scene.answers.values() for _, _, status in answers if status == "5xx"}
    assert refused == set()


def test_databases_of_a_city_hold_nothing_of_the_other(scene: Neighbours, stored: Stored) -> None:
    first, second = kept(stored, FIRST), kept(stored, SECOND)
    assert min(len(first), len(second)) > 300
    met = {one: first[one] | second[one] for one in first.keys() & second.keys()}
    assert {one: places for one, places in met.items() if one not in scene.twins.ids} == {}
    assert met.keys() == scene.twins.ids
    for city, other in ((FIRST, SECOND), (SECOND, FIRST)):
        places = {place for name in SERVICES for place, row in stored[f"{name}_{city}"] if other.encode() in row}
        assert places == set()


def test_what_belongs_to_no_city_knows_nothing_of_any(scene: Neighbours, stored: Stored) -> None:
    known = kept(stored, FIRST).keys() | kept(stored, SECOND).keys()
    rows = [row for name in SERVICES for row in stored[f"{name}_runtime"]]
    assert {place for place, row in rows if ids_in(row) & known} == set()
    named = {place for place, row in rows if FIRST.encode() in row or SECOND.encode() in row}
    assert named == {f"{name}_runtime.cities" for name in SERVICES}


async def test_events_of_a_city_speak_of_its_own_and_compaction_keeps_both(scene: Neighbours, stored: Stored) -> None:
    kafka, last = Kafka(scene.house.stack.kafka, "looker"), dict[tuple[str, str], Event]()
    ours = {city: kept(stored, city).keys() for city in scene.towns}
    seen = 0
    for topic in TOPICS:
        for event in await read_to_end(kafka, topic.name):
            if event.city not in ours:
                continue
            told = (event.state.model_dump_json() if event.state is not None else "").encode() + event.key.encode()
            assert ids_in(told) <= ours[event.city], (topic.name, event.key)
            # What compaction does, sooner or later: of each key the last record stays.
            last[topic.name, topic.kafka_key(event.city, event.key)] = event
            seen += 1
    assert seen > 200
    visits = {(event.city, event.state.minutes) for (_, key), event in last.items() if scene.twins.visit in key}  # type: ignore[union-attr]
    assert visits == set(_MINUTES.items())
    for city in scene.towns:
        sums = [event for (name, _), event in last.items() if name == "visits.visits.v1" and event.city == city]
        assert len(sums) == scene.visits(city)


async def test_metrics_count_for_a_city_exactly_what_was_done_there(scene: Neighbours) -> None:
    for city, answers in scene.answers.items():
        assert await scene.counted(city) == answers
        logged = [
            one
            for one in await scene.samples("visits", "tueroeffner_visits_logged_total")
            if one.labels["city"] == city
        ]
        assert sum(one.value for one in logged) == scene.visits(city)


@PAIRS
async def test_same_id_and_key_are_two_acts_in_two_cities(scene: Neighbours, city: str, other: str) -> None:
    """One bearer, one key, one body: a city remembers no answer of the other."""
    del other
    replies = {path: answer for (place, path), answer in scene.replies.items() if place == city}
    assert {
        path: (answer.status_code, answer.headers.get("idempotent-replayed")) for path, answer in replies.items()
    } == (dict.fromkeys(("people", "families", "engagements", "visits"), (201, None)))
    visit = await scene.ask("visits", city, "GET", f"visits/{scene.twins.visit}", headers=scene.token(city))
    assert visit.json()["minutes"] == _MINUTES[city]


async def test_erasure_in_one_city_leaves_the_other_as_it_was(scene: Neighbours) -> None:
    path = f"people/{scene.twins.person}?purpose=contact"
    gone = await scene.ask("registry", FIRST, "GET", path, headers=scene.token(FIRST))
    there = await scene.ask("registry", SECOND, "GET", path, headers=scene.token(SECOND))
    assert gone.status_code == 404
    assert there.json()["identity"]["as_documented"] == f"Frau {SECOND.title()}"
    family = f"families/{scene.twins.family}"
    persons = {
        city: (await scene.ask("registry", city, "GET", family, headers=scene.token(city))).json()["persons"]
        for city in scene.towns
    }
    assert persons == {FIRST: [], SECOND: [scene.twins.person]}


@PAIRS
async def test_every_answer_of_a_city_is_its_own(
    scene: Neighbours, only: dict[str, set[str]], routes: list[Route], city: str, other: str
) -> None:
    headers, answered = scene.token(city, person=chooser(only[city])("per")), 0
    for route in [route for route in routes if route.method == "GET"]:
        answer = await scene.ask(route.service, city, "GET", route.path(chooser(only[city])), headers=headers)
        # Refusals are answers as well: of a family that has a mentor already, candidates are 409.
        assert answer.status_code in (200, 404, 409), (route, answer.text)
        assert ids_in(answer.content) & only[other] == set(), route
        assert other.encode() not in answer.content.lower(), route
        answered += answer.status_code == 200 and bool(ids_in(answer.content) & only[city])
    assert answered > 10
    figures = await scene.ask("reporting", city, "GET", f"programmes/{PROGRAMME}/figures", headers=headers)
    numbers = {row["code"]: row["value"] for row in figures.json()["figures"]}
    assert numbers["visits"] == scene.visits(city)


@PAIRS
async def test_token_of_a_city_finds_nothing_in_the_other(
    scene: Neighbours, only: dict[str, set[str]], routes: list[Route], city: str, other: str
) -> None:
    """404 on every route, before anything of the body is looked at; nothing tells it from a city that is not served."""
    headers, town = scene.token(other, person=chooser(only[city])("per")), scene.towns[city]
    for route in routes:
        path = route.path(chooser(only[city]))
        there = await scene.ask(route.service, city, route.method, path, {}, headers=headers)
        url = town.url(route.service, path).rstrip("/").replace(city, NOWHERE)
        nowhere = await town.http.request(route.method, url, json={}, headers=headers)
        assert (there.status_code, told(there)) == (404, told(nowhere)), route
    assert len(routes) > 80


@PAIRS
async def test_ids_of_a_city_lead_nowhere_in_the_other(
    scene: Neighbours, only: dict[str, set[str]], routes: list[Route], city: str, other: str
) -> None:
    reads = [route for route in routes if route.method == "GET" and route.names_something]
    for route in reads:
        path = route.path(chooser(only[city]))
        answer = await scene.ask(route.service, other, "GET", path, headers=scene.token(other))
        assert answer.status_code == 404, (route, answer.text)
    assert len(reads) > 10


@PAIRS
async def test_cursor_and_version_of_a_city_count_for_nothing_in_the_other(
    scene: Neighbours, only: dict[str, set[str]], city: str, other: str
) -> None:
    both = scene.token(FIRST, SECOND)
    for service, path in (("registry", "engagements"), ("visits", "visits"), ("matching", "tandems")):
        page = await scene.ask(service, city, "GET", f"{path}?limit=1", headers=both)
        cursor = page.json()["next"]
        refused = await scene.ask(service, other, "GET", f"{path}?limit=1&cursor={cursor}", headers=both)
        assert (refused.status_code, refused.json()["code"]) == (400, "cursor-form")
        assert ids_in(refused.content) & only[city] == set()
    visit, change = f"visits/{scene.twins.visit}", {"reason": "miscounted", "minutes": 33 if city == FIRST else 44}
    before = await scene.ask("visits", other, "GET", visit, headers=both)
    mine = await scene.ask("visits", city, "GET", visit, headers=both)
    changed = await scene.ask("visits", city, "PATCH", visit, change, headers=both | {"If-Match": mine.headers["etag"]})
    assert changed.status_code == 200
    if changed.headers["etag"] != before.headers["etag"]:
        lost = await scene.ask(
            "visits", other, "PATCH", visit, change, headers=both | {"If-Match": changed.headers["etag"]}
        )
        assert lost.status_code == 412
    assert (await scene.ask("visits", other, "GET", visit, headers=both)).json() == before.json()


@pytest.mark.parametrize("service", SERVICES)
async def test_each_city_has_an_audit_of_its_own_that_is_whole(scene: Neighbours, service: str) -> None:
    for city in (FIRST, SECOND, THIRD):
        code, told = await command(
            "audit",
            "verify",
            "--service",
            service,
            "--city",
            city,
            environment=scene.house.services.environment(service),
        )
        assert code == 0, told


async def test_third_city_is_served_by_all(scene: Neighbours) -> None:
    town, headers = scene.towns[FIRST], scene.token(THIRD)
    paths = {"registry": "programmes", "visits": "activities", "matching": "tandems", "reporting": "figures"}
    for service, path in paths.items():
        answer = await town.http.get(town.url(service, path).replace(FIRST, THIRD), headers=headers)
        assert answer.status_code == 200, (service, answer.text)
        assert ids_in(answer.content) == set()
