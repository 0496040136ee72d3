"""Reports: written in four formats from one source, sealed, verified, corrected after closing, kept through erasure."""

import zlib
from collections.abc import AsyncIterator
from typing import Any

import pytest_asyncio

from shared.contracts.registry import ErasureV1
from shared.kernel.ids import new_id
from tests.integration.api_parts import Api
from tests.integration.reporting.town import PROGRAMME, Town, numbers
from tests.integration.town_parts import RECORDED


@pytest_asyncio.fixture
async def town(reporting_api: Api) -> AsyncIterator[Town]:
    city = f"rep{new_id('cit')[4:18]}"
    await reporting_api.store.serve_city(city)
    yield Town(reporting_api, city)


async def seal(town: Town, **changes: Any) -> dict[str, Any]:
    answer = await town.as_role().post("reports", json={"programme": PROGRAMME} | changes)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_report_comes_in_four_formats_with_one_number(town: Town) -> None:
    await town.programme()
    await town.volunteer()
    for _ in range(3):
        await town.visit()
    client = town.as_role()
    path = f"programmes/{PROGRAMME}/report"
    answers = {name: await client.get(path, params={"format": name}) for name in ("html", "csv", "xlsx", "pdf")}

    assert {name: answer.status_code for name, answer in answers.items()} == dict.fromkeys(answers, 200)
    assert answers["pdf"].content.startswith(b"%PDF")
    assert answers["xlsx"].content.startswith(b"PK")
    page = answers["html"].text
    assert "Die offizielle Nachbarin" in page
    assert "Haus e.V." in page
    assert "Werk gGmbH" in page
    assert "1. März 2010 – 31. Dezember 2010" in page
    assert answers["pdf"].headers["content-disposition"] == f'inline; filename="{PROGRAMME}-2010-03-01.pdf"'
    english = await client.get(path, params={"language": "en"})
    assert "1 March 2010" in english.text


async def test_title_is_printed_and_not_kept(town: Town) -> None:
    await town.programme()
    body = {"title": "Bericht an den Stiftungsrat"}
    answer = await town.as_role().post(f"programmes/{PROGRAMME}/report:write", json=body)
    assert answer.status_code == 200
    assert "Bericht an den Stiftungsrat" in answer.text
    kept = [
        await town.api.store.mongo.city(town.city)[name].find_one({"header.title": body["title"]})
        for name in ("reports", "report_rows")
    ]
    assert kept == [None, None]


async def test_sealed_report_stays_as_it_is(town: Town) -> None:
    await town.programme()
    visit = await town.visit()
    sealed = await seal(town, title="Sachbericht 2010")
    client = town.as_role()
    before = await client.get(f"reports/{sealed['id']}/content")
    await town.correct(visit, "2030-01-01T00:00:00.000Z", minutes=300)
    await town.visit()
    after = await client.get(f"reports/{sealed['id']}/content")

    assert before.status_code == 200
    assert before.content == after.content
    assert "Sachbericht 2010" in after.text
    assert sealed["rows"] == 1
    verified = (await client.post(f"reports/{sealed['id']}:verify")).json()
    assert (verified["valid"], verified["rows_sha256"]) == (True, sealed["rows_sha256"])
    listed = (await client.get("reports", params={"programme": PROGRAMME})).json()
    assert [row["id"] for row in listed["items"]] == [sealed["id"]]
    told = await town.api.events(town.city, "reporting.reports.v1")
    assert [(row["key"], row["sequence"]) for row in told] == [(f"{town.city}/{sealed['id']}", 1)]


async def test_changed_rows_do_not_verify(town: Town) -> None:
    await town.programme()
    await town.visit()
    sealed = await seal(town)
    rows = town.api.store.mongo.city(town.city)["report_rows"]
    stored = await rows.find_one({"_id": sealed["id"]})
    assert stored is not None
    forged = zlib.decompress(stored["content"]).replace(b'"minutes":60', b'"minutes":90')
    path = f"reports/{sealed['id']}:verify"

    await rows.update_one({"_id": sealed["id"]}, {"$set": {"content": zlib.compress(forged)}})
    changed = (await town.as_role("auditor").post(path)).json()
    await rows.update_one({"_id": sealed["id"]}, {"$set": {"content": b"no rows at all"}})
    broken = (await town.as_role("auditor").post(path)).json()

    assert (changed["valid"], changed["rows_equal"], changed["figures_equal"]) == (False, False, False)
    assert (broken["valid"], broken["rows_equal"]) == (False, False)


async def test_special_programme_keeps_no_title(town: Town) -> None:
    await town.programme(special=True, name="Programm Sieben")
    refused = await town.as_role().post("reports", json={"programme": PROGRAMME, "title": "Hilfe bei Sucht"})
    assert refused.status_code == 422
    assert "/title" in refused.text
    assert "Sucht" not in refused.text
    sealed = await seal(town)
    body = {"title": "Hilfe bei Sucht", "format": "csv"}
    printed = await town.as_role().post(f"reports/{sealed['id']}:print", json=body)
    assert printed.status_code == 200
    assert "Hilfe bei Sucht" in printed.text
    assert "Sucht" not in (await town.as_role().get(f"reports/{sealed['id']}/content")).text


async def test_after_closing_late_data_are_corrections_and_change_no_number(town: Town) -> None:
    await town.programme()
    visit = await town.visit()
    body = {"programme": PROGRAMME, "begin": "2010-03-01", "until": "2011-01-01"}
    closed = await town.as_role().post("periods", json=body)
    assert closed.status_code == 201, closed.text
    await town.correct(visit, "2090-01-01T00:00:00.000Z", minutes=300)
    at = {"known_at": "2091-01-01"}
    await town.visit(recorded_at="2090-01-01T00:00:00.000Z")
    town.api.store.clock, clock = (lambda: clock().replace(year=2092)), town.api.store.clock
    try:
        figures = await town.figures(**at)
        page = (await town.as_role().get(f"programmes/{PROGRAMME}/report", params=at)).text
    finally:
        town.api.store.clock = clock

    assert (numbers(figures)["visits"], numbers(figures)["visit_minutes"]) == (1, 60)
    assert {row["code"]: (row["before"], row["after"]) for row in figures["corrections"]} == {
        "visits": (1, 2),
        "visit_minutes": (60, 360),
        "families_reached": (1, 2),
    }
    assert "Nachträge" in page
    assert "6:00" in page


async def test_closing_is_told_once_and_can_be_undone(town: Town) -> None:
    await town.programme()
    body = {"programme": PROGRAMME, "begin": "2010-03-01", "until": "2010-07-01"}
    client = town.as_role()
    closed = (await client.post("periods", json=body)).json()
    again = await client.post("periods", json=body | {"begin": "2010-06-30", "until": "2010-08-01"})
    future = await client.post("periods", json=body | {"begin": "2010-07-01", "until": "2999-01-01"})
    beside = await client.post("periods", json=body | {"begin": "2010-07-01", "until": "2010-08-01"})

    assert (again.status_code, again.json()["code"]) == (409, "period-overlaps")
    assert future.status_code == 422
    assert "/until" in future.text
    assert beside.status_code == 201
    lost = await client.post(f"periods/{closed['id']}:reopen", headers={"If-Match": '"2"'})
    assert (lost.status_code, lost.json()["params"]) == (412, {"version": 1})
    reopened = await client.post(f"periods/{closed['id']}:reopen", headers={"If-Match": '"1"'})
    assert reopened.status_code == 200
    assert (await client.get(f"periods/{closed['id']}")).status_code == 404
    key = f"{town.city}/{closed['id']}"
    told = [row for row in await town.api.events(town.city, "reporting.periods.v1") if row["key"] == key]
    assert [(row["sequence"], row["value"] is None) for row in told] == [(1, False), (2, True)]


async def test_erasure_is_confirmed_once(town: Town) -> None:
    await town.programme()
    erasure = ErasureV1(id=new_id("era"), subject=new_id("fam"), also=(new_id("ptc"),), requested_at=RECORDED)
    await town.tell(erasure)
    await town.react()
    await town.tell(erasure)
    await town.react()
    told = await town.api.events(town.city, "reporting.confirmations.v1")
    assert [row["key"] for row in told] == [f"{town.city}/{erasure.id}"]
