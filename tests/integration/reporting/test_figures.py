"""Figures: by the facts' own dates, as known on a day, with targets, by part, within reach."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from services.reporting.store.known import VISITS
from shared.contracts.matching import TandemV1
from shared.kernel.ids import new_id
from shared.storage.work import Reader
from tests.integration.api_parts import Api
from tests.integration.reporting.town import PROGRAMME, SITE, Town, numbers
from tests.integration.town_parts import RECORDED


@pytest_asyncio.fixture
async def town(reporting_api: Api) -> AsyncIterator[Town]:
    city = f"rep{new_id('cit')[4:18]}"
    await reporting_api.store.serve_city(city)
    yield Town(reporting_api, city)


async def test_targets_beside_actuals_and_nothing_from_outside_the_period(town: Town) -> None:
    await town.programme()
    for number in range(18):
        await town.volunteer(date=f"2010-{3 + number % 10:02d}-15")
    await town.volunteer(first=False)
    await town.volunteer(date="2010-02-28")
    await town.volunteer(date="2011-01-01")

    figures = await town.figures()

    assert (figures["begin"], figures["until"]) == ("2010-03-01", "2011-01-01")
    assert figures["targets"] == [
        {"indicator": "volunteers_won", "target": {"at_least": 8}, "actual": 18, "reached_percent": 225}
    ]


async def test_what_is_counted_of_visits_requests_and_outcomes(town: Town) -> None:
    await town.programme()
    first = await town.visit()
    await town.visit(
        participation=first.participation, kind="accompaniment", minutes=30, topics=("health", "education")
    )
    await town.visit(status="void")
    await town.visit(date="2011-01-01")
    await town.request()
    await town.request(by="own", state="fulfilled")
    await town.request(state="open", by=None)
    await town.outcome()

    found = await town.figures()
    totals = numbers(found)

    assert (totals["visits"], totals["visit_minutes"], totals["families_reached"], found["visits"]) == (2, 90, 1, 2)
    assert (totals["requests"], totals["requests_brokered"], totals["requests_own"]) == (3, 1, 1)
    assert (totals["requests_fulfilled"], totals["supported_into_self_employment"]) == (2, 1)
    by_kind = next(table for table in found["tables"] if (table["code"], table["by"]) == ("visits", "kind"))
    assert by_kind["rows"] == [{"value": "accompaniment", "count": 1}, {"value": "home_visit", "count": 1}]
    by_topic = next(table for table in found["tables"] if table["by"] == "topic")
    assert by_topic["rows"] == [{"value": "education", "count": 1}, {"value": "health", "count": 1}]


async def test_as_known_on_a_day_forgets_what_came_later(town: Town) -> None:
    await town.programme()
    visit = await town.visit(recorded_at="2010-05-11T09:00:00.000Z")
    await town.correct(visit, "2010-06-20T09:00:00.000Z", minutes=120)
    await town.visit(recorded_at="2010-07-01T09:00:00.000Z")
    await town.waiting()

    now, june, may = (
        await town.figures(),
        await town.figures(known_at="2010-06-30"),
        await town.figures(known_at="2010-05-31"),
    )
    before = await town.figures(known_at="2010-06-20T08:59:59.999Z")

    assert [numbers(each)["visit_minutes"] for each in (now, june, may, before)] == [180, 120, 60, 60]
    assert [numbers(each)["families_waiting"] for each in (now, june)] == [1, 0]
    assert june["known_at"] == "2010-06-30T21:59:59.999Z"


async def test_language_gap_is_what_matching_says_and_those_who_wait_are_told_by_topic(town: Town) -> None:
    await town.programme()
    await town.waiting(lacks=["language"], topics=["health"])
    await town.waiting(lacks=["language"], languages=["fa", "ckb"], topics=["health", "education"])
    await town.waiting(lacks=[], topics=["health"])
    found = await town.figures()
    assert {(row["language"], row["families"]) for row in found["waiting"]} == {("fa", 3), ("ckb", 1)}
    assert {(row["language"], row["families"]) for row in found["language_gap"]} == {("fa", 2), ("ckb", 1)}
    assert {row["district"] for row in found["language_gap"]} == {"ostsiedlung"}
    assert {row["value"]: row["count"] for row in found["waiting_by_topic"]} == {"health": 3, "education": 1}


async def test_parts_by_district_site_and_carrier(town: Town) -> None:
    await town.programme()
    await town.visit()
    await town.visit(date="2010-08-10", carrier="werk-ggmbh", district="westsiedlung")

    assert (await town.figures(district="westsiedlung"))["visits"] == 1
    assert (await town.figures(carrier="haus-ev"))["visits"] == 1
    assert (await town.figures(site=SITE))["visits"] == 2
    assert (await town.figures(site="anderswo"))["visits"] == 0


async def test_figures_of_the_city_add_up_its_programmes(town: Town) -> None:
    await town.programme()
    await town.visit()
    await town.visit(programme="startklar")
    answer = await town.as_role("city").get("figures", params={"begin": "2010-01-01", "until": "2011-01-01"})
    assert answer.status_code == 200
    assert numbers(answer.json())["visits"] == 2


async def test_only_who_reaches_the_whole_sees_the_whole(town: Town) -> None:
    await town.programme()
    await town.visit()
    path = f"programmes/{PROGRAMME}/figures"

    async def status(role: str = "coordinator", path: str = path, **limits: object) -> int:
        return (await town.as_role(role, **limits).get(path)).status_code

    assert await status("mentor", person=new_id("per")) == 403
    assert await status("partner", organisation="haus-ev") == 403
    assert await status("auditor") == 200
    assert await status(programmes=["startklar"]) == 403
    assert await status(carrier="haus-ev") == 404
    assert await status(carrier="haus-ev", path=f"{path}?carrier=haus-ev") == 200
    assert await status(carrier="haus-ev", path=f"{path}?carrier=werk-ggmbh") == 404
    assert await status(programmes=[PROGRAMME]) == 200
    assert await status(programmes=[PROGRAMME], path="figures") == 403
    assert await status(path="figures") == 200
    assert await status(path="programmes/nirgends/figures") == 404


async def test_wrong_days_name_what_would_be_right(town: Town) -> None:
    await town.programme()
    client = town.as_role()
    wrong = await client.get(f"programmes/{PROGRAMME}/figures", params={"begin": "2010-13-01"})
    empty = await client.get(f"programmes/{PROGRAMME}/figures", params={"begin": "2010-05-01", "until": "2010-05-01"})
    moment = await client.get(f"programmes/{PROGRAMME}/figures", params={"known_at": "gestern"})

    assert [answer.status_code for answer in (wrong, empty, moment)] == [422, 422, 422]
    assert empty.json()["errors"][0]["parameter"] == "until"
    assert "> 2010-05-01" in empty.text
    assert "YYYY-MM-DD" in wrong.text
    assert "YYYY-MM-DD" in moment.text
    assert "gestern" not in moment.text


async def test_days_and_moments_at_the_ends_of_the_calendar_are_wrong_values(town: Town) -> None:
    await town.programme()
    client = town.as_role()
    figures, write = f"programmes/{PROGRAMME}/figures", f"programmes/{PROGRAMME}/report:write"
    for moment in ("9999-12-31", "9999-12-31T23:59:59-12:00", "0001-01-01T00:00:00+14:00"):
        asked = await client.get(figures, params={"known_at": moment})
        assert (asked.status_code, asked.json()["errors"][0]["parameter"]) == (422, "known_at"), moment
    last = await client.get(figures, params={"begin": "9999-12-31"})
    assert (last.status_code, last.json()["errors"][0]["parameter"]) == (422, "begin")
    for body, pointer in (
        ({"known_at": "9999-12-31T23:59:59-12:00"}, "/known_at"),
        ({"begin": "9999-12-31"}, "/begin"),
    ):
        sent = await client.post(write, json=body)
        assert (sent.status_code, sent.json()["errors"][0]["pointer"]) == (422, pointer)
    early = await client.get(figures, params={"known_at": "0999-01-01"})
    assert early.json()["rows"] == 0


async def test_figures_see_one_moment_however_many_reads_they_take(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """A visit and the request that it fulfils arrive between the reads of visits and of requests."""
    await town.programme()
    await town.visit()
    find = Reader.find
    arrived: list[str] = []

    async def between(self: Reader, collection: str, *arguments: Any, **options: Any) -> list[Any]:
        rows = await find(self, collection, *arguments, **options)
        if collection == VISITS and not arrived:
            arrived.append((await town.visit()).id)
            await town.request()
        return rows

    monkeypatch.setattr(Reader, "find", between)
    during = numbers(await town.figures())
    after = numbers(await town.figures())
    assert len(arrived) == 1
    assert [(seen["visits"], seen["requests"]) for seen in (during, after)] == [(1, 0), (2, 1)]


async def test_tandem_whose_accept_was_taken_back_at_once_was_never_one(town: Town) -> None:
    await town.programme()
    state = {"programme": PROGRAMME, "date": "2010-05-01", "recorded_at": RECORDED, "engagement": new_id("eng")}
    for ended in ({}, {"ended_on": "2010-06-01", "ended_because": "goal_reached"}):
        await town.tell(
            TandemV1.model_validate({**state, **ended, "id": new_id("tan"), "participation": new_id("ptc")})
        )
    undone = {"ended_on": "2010-05-01", "ended_because": "undone", "phase": "ended", "side": "house"}
    await town.tell(TandemV1.model_validate({**state, **undone, "id": new_id("tan"), "participation": new_id("ptc")}))
    assert numbers(await town.figures())["tandems"] == 2
