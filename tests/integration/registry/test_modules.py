"""A programme's modules change while it runs: by day, as recorded, and nobody loses a certification."""

from typing import Any

import pytest_asyncio

from tests.integration.api_parts import Api
from tests.integration.registry.town import MODULES, Town

CITY = "modulstadt"
LAW = {"code": "law", "title": "Recht", "topics": ["law"]}


@pytest_asyncio.fixture(scope="module")
async def town(api: Api) -> Town:
    made = Town(api, CITY)
    await made.build()
    return made


async def _programme(town: Town, slug: str, **fields: Any) -> str:
    body = {"slug": slug, "name": slug.title(), "begin": "2024-01-01", "modules": MODULES, **fields}
    await town.post("programmes", body, role="city")
    return f"programmes/{slug}"


async def _change(town: Town, path: str, modules: Any, since: str, expect: int = 200) -> Any:
    headers = {"If-Match": f'"{(await town.get(path, role="city"))["version"]}"'}
    body = {"modules": modules, "since": since}
    return await town.ask("PATCH", f"/v1/cities/{CITY}/{path}", body, headers=headers, role="city", expect=expect)


async def _cohort(town: Town, programme: str, opened_on: str) -> str:
    body = {"programme": programme, "name": "A", "opened_on": opened_on}
    return str((await town.post("cohorts", body))["id"])


async def _trainee(town: Town, programme: str, cohort: str, *modules: str, certified: bool = False) -> str:
    """An engagement that has attended these modules."""
    engagement = await town.engagement(await town.person(), programme, cohort=cohort)
    for module in modules:
        body = {"cohort": cohort, "engagement": engagement, "module": module, "date": "2026-02-03", "state": "present"}
        await town.post("attendances", body)
    if certified:
        await town.post(f"engagements/{engagement}:certify", {"on": "2026-02-04"})
    return engagement


async def test_modules_are_those_of_the_day_as_they_were_known(town: Town) -> None:
    path = await _programme(town, "achsen")
    first = (await town.get(path))["terms"][0]["recorded_at"]
    changed = await _change(town, path, [*MODULES, LAW], "2026-01-01")
    assert [module["code"] for module in changed["modules"]] == ["health", "violence", "law"]

    async def codes(query: str) -> list[str]:
        return [module["code"] for module in (await town.get(f"{path}?{query}"))["modules"]]

    assert await codes("as_of=2025-12-31") == ["health", "violence"]
    assert await codes("as_of=2026-01-01") == ["health", "violence", "law"]
    assert await codes(f"as_of=2026-01-01&known_at={first}") == ["health", "violence"]
    newest = (await town.told("programmes", "achsen"))[-1]
    assert [len(entry.modules) for entry in newest.terms] == [2, 3]
    refused = await _change(town, path, [LAW, LAW], "2026-01-01", expect=422)
    assert refused["errors"][0]["pointer"] == "/modules/1/code"


async def test_module_added_in_mid_programme_uncertifies_nobody_and_is_the_next_cohorts(town: Town) -> None:
    path = await _programme(town, "mitte")
    running, passed = await _cohort(town, "mitte", "2026-01-05"), ("health", "violence")
    mother = await _trainee(town, "mitte", running, *passed, certified=True)
    waiting = await _trainee(town, "mitte", running, *passed)
    certificate = (await town.post(f"engagements/{mother}/certificates", {}))["id"]
    await _change(town, path, [*MODULES, LAW], "2026-02-10")
    following = await _cohort(town, "mitte", "2026-02-10")
    later = await _trainee(town, "mitte", following, *passed)
    stages = [(await town.get(f"engagements/{key}"))["stage"] for key in (mother, waiting, later)]
    assert stages == ["certified", "qualified", "in_qualification"]
    refused = await town.post(f"engagements/{later}:certify", {"on": "2026-02-11"}, expect=422)
    assert (refused["code"], refused["params"]) == ("qualification", {"missing": ["law"]})
    await town.post(f"engagements/{waiting}:certify", {"on": "2026-02-11"})
    lists = [
        [module["code"] for module in (await town.get(f"cohorts/{one}"))["modules"]] for one in (running, following)
    ]
    assert lists == [["health", "violence"], ["health", "violence", "law"]]
    wrong = {"cohort": running, "engagement": waiting, "module": "law", "date": "2026-02-11", "state": "present"}
    assert (await town.post("attendances", wrong, expect=422))["errors"][0]["pointer"] == "/module"
    await town.get(f"certificates/{certificate}")


async def test_correction_reaches_whoever_is_not_certified_yet_and_no_paper(town: Town) -> None:
    path = await _programme(town, "berichtigt")
    cohort, passed = await _cohort(town, "berichtigt", "2026-01-05"), ("health", "violence")
    mother = await _trainee(town, "berichtigt", cohort, *passed, certified=True)
    waiting = await _trainee(town, "berichtigt", cohort, *passed)
    certificate = (await town.post(f"engagements/{mother}/certificates", {}))["id"]
    health = {**MODULES[0], "title": "Anders genannt", "topics": ["health", "birth"]}
    await _change(town, path, [health, MODULES[1], LAW], "2026-01-05")
    found = await town.get(f"engagements/{mother}")
    assert (found["stage"], found["modules_missing"]) == ("certified", [])
    assert found["qualified"] == ["health", "birth", "upbringing"]
    told = (await town.told("engagements", waiting))[-1]
    assert (told.stage, told.modules_missing) == ("in_qualification", ("law",))
    assert (await town.told("engagements", mother))[-1].qualified == ("health", "birth", "upbringing")
    assert len((await town.told("cohorts", cohort))[-1].modules) == 3
    due = {(row["kind"], row["params"].get("engagement"), row["id"]) for row in (await town.get("due"))["items"]}
    assert not [row for row in due if row[0] == "certification" and waiting in row[2]]
    async with town.api.client("coordinator", CITY) as client:
        answer = await client.get(f"/v1/cities/{CITY}/certificates/{certificate}/document")
    assert answer.status_code == 200


async def test_programme_of_an_older_release_keeps_its_modules(town: Town) -> None:
    path = await _programme(town, "aelter")
    programmes = town.api.store.mongo.city(CITY)["programmes"]
    await programmes.update_one({"_id": "aelter"}, {"$unset": {"terms.0.value.modules": ""}})
    assert len((await town.get(f"{path}?as_of=2025-01-01"))["modules"]) == 2
    await _change(town, path, [LAW], "2026-01-01")
    assert len((await town.get(f"{path}?as_of=2025-12-31"))["modules"]) == 2
    assert len((await town.get(path))["modules"]) == 1
