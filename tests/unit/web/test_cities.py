"""Which cities a caller enters, and what the others cost."""

from typing import Any

import httpx
import pytest

from shared.security.principals import ASSOCIATION
from shared.web import served
from tests.unit.web.parts import Shelf, assert_problem

BOXES = "/v1/cities/rostock/boxes"


async def test_association_enters_each_served_city_and_no_other(service: Shelf) -> None:
    everywhere = service.client(ASSOCIATION)
    assert_problem(await everywhere.get(BOXES), 403, "role-not-enough")
    assert_problem(await everywhere.get("/v1/cities/nowhere/boxes"), 404, "not-found")


async def test_city_without_a_grant_costs_the_same_whether_it_is_served_or_not(service: Shelf) -> None:
    keeper = service.client()
    asked_before_the_answer: list[list[str]] = []

    async def watched(scope: Any, receive: Any, send: Any) -> None:
        async def leaving(message: Any) -> None:
            if message["type"] == "http.response.body":
                asked_before_the_answer.append(list(service.store.asked))
            await send(message)

        await service.app(scope, receive, leaving)

    transport = httpx.ASGITransport(watched)
    async with httpx.AsyncClient(transport=transport, base_url="http://service", headers=keeper.headers) as stranger:
        for city in ("schwerin", "nowhere", "Schw%2Ferin"):
            service.store.asked.clear()
            assert_problem(await stranger.get(f"/v1/cities/{city}/boxes"), 404, "not-found")
    assert asked_before_the_answer == [[], [], []]
    assert [(city, entry.action) for city, _, entry in service.store.notes] == [("schwerin", "city.enter")]


async def test_city_is_entered_only_as_long_as_it_is_served(service: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(served, "REMEMBERED", 0.0)
    keeper = service.client()
    assert (await keeper.get(BOXES)).status_code == 200
    service.store.served.remove("rostock")
    assert_problem(await keeper.get(BOXES), 404, "not-found")


async def test_served_city_is_asked_for_again_after_a_while_and_a_no_is_never_remembered(service: Shelf) -> None:
    now = 100.0
    cities = served.ServedCities(service.store.is_served, lambda: now)
    assert [await cities.serves(city) for city in ("rostock", "rostock", "neustadt")] == [True, True, False]
    service.store.served = {"neustadt"}
    assert [await cities.serves(city) for city in ("rostock", "neustadt")] == [True, True]
    now += served.REMEMBERED
    assert not await cities.serves("rostock")
    assert service.store.asked == ["rostock", "neustadt", "neustadt", "rostock"]


async def test_paths_without_a_city_have_no_city_step(service: Shelf) -> None:
    made = await service.client(ASSOCIATION).post("/v1/cities", json={"label": "Schwerin"})
    assert (made.status_code, made.headers["location"]) == (201, "/v1/cities/schwerin")
    assert_problem(await service.client().post("/v1/cities", json={"label": "Schwerin"}), 403, "role-not-enough")


async def test_denial_of_a_city_that_is_not_served_makes_no_audit(service: Shelf) -> None:
    await service.client().get("/v1/cities/nowhere/boxes")
    assert service.store.notes == []
    assert service.counted("tueroeffner_web_access_denied_total", code="not-found") == 1
