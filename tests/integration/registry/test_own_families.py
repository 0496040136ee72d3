"""A mentor sees the families of her running tandems, with names, and nobody else's."""

from dataclasses import dataclass
from typing import Any

import pytest_asyncio

from services.registry.app import SERVICE
from shared.contracts.matching import TandemV1
from shared.kernel.ids import new_id
from tests.integration.api_parts import Api
from tests.integration.registry.town import Town
from tests.integration.town_parts import RECORDED, ListeningTown

CITY = "begleitstadt"
PATH = "mentors/me/families"


@dataclass(slots=True)
class Listening(ListeningTown):
    """Registry as matching's events reach it."""

    service = SERVICE


@pytest_asyncio.fixture(scope="module")
async def town(api: Api) -> Town:
    made = Town(api, CITY)
    await made.build()
    return made


async def _tandem(town: Town, engagement: str, participation: str, **changes: Any) -> TandemV1:
    tandem = TandemV1(
        id=new_id("tan"),
        engagement=engagement,
        participation=participation,
        programme="paten",
        date="2025-11-20",
        recorded_at=RECORDED,
    ).model_copy(update=changes)
    await Listening(town.api, CITY).tell(tandem)
    return tandem


async def _mine(town: Town, person: str, query: str = "", **limits: Any) -> Any:
    return await town.get(PATH + query, role="mentor", person=person, **limits)


async def _reads(town: Town) -> list[dict[str, Any]]:
    query = {"action": "sealed.read", "purpose": "display"}
    rows: list[dict[str, Any]] = await town.api.store.mongo.city(CITY)["audit"].find(query).to_list(None)
    return rows


async def test_mentor_sees_the_families_of_her_running_tandems_by_name_and_the_audit_says_so(town: Town) -> None:
    mentor, other = await town.person("Mara Muster"), await town.person("Olga Muster")
    child = await town.person("Kim Beispiel")
    family = await town.family(child)
    engagement, hers = await town.engagement(mentor), await town.engagement(other)
    participation = await town.participation(family)
    mine = await _tandem(town, engagement, participation)
    alone = await town.person("Ida Allein")
    body = {"person": alone, "programme": "paten", "date": "2025-11-17", "site": "haus-awo", "district": "nordufer"}
    single = (await town.post("participations", body))["id"]
    helped = await _tandem(town, engagement, single)
    await _tandem(town, engagement, await town.participation(await town.family()), ended_on="2025-11-22")
    await _tandem(town, hers, await town.participation(await town.family(await town.person("Nur Fremd"))))

    items = {item["tandem"]: item for item in (await _mine(town, mentor))["items"]}
    assert set(items) == {mine.id, helped.id}
    assert items[mine.id] == {
        "tandem": mine.id,
        "since": "2025-11-20",
        "programme": "paten",
        "engagement": engagement,
        "participation": participation,
        "family": family,
        "persons": [{"id": child, "name": "Kim Beispiel"}],
    }
    assert (items[helped.id]["family"], items[helped.id]["persons"]) == (None, [{"id": alone, "name": "Ida Allein"}])
    reads = await _reads(town)
    assert sorted(row["object"] for row in reads) == sorted([child, alone])
    assert {(row["role"], tuple(row["fields"])) for row in reads} == {("mentor", ("name",))}
    assert len({(row["at"], row["correlation"]) for row in reads}) == 1


async def test_page_opens_only_the_names_it_shows_and_another_grant_s_limits_hold(town: Town) -> None:
    mentor = await town.person()
    engagement = await town.engagement(mentor)
    people = [await town.person(f"Kind {number}") for number in range(3)]
    for person in people:
        await _tandem(town, engagement, await town.participation(await town.family(person)))
    before = len(await _reads(town))
    first = await _mine(town, mentor, "?limit=2")
    assert len(await _reads(town)) == before + 2
    second = await _mine(town, mentor, f"?limit=2&cursor={first['next']}")
    shown = [person["id"] for page in (first, second) for item in page["items"] for person in item["persons"]]
    assert (sorted(shown), second["next"]) == (sorted(people), None)
    assert (await _mine(town, mentor, programmes=["muetter"]))["items"] == []
    assert (await _mine(town, await town.person()))["items"] == []


async def test_erased_family_has_no_name_any_more_and_the_list_is_for_mentors_only(town: Town) -> None:
    mentor, child = await town.person(), await town.person("Kim Vergessen")
    family = await town.family(child)
    await _tandem(town, await town.engagement(mentor), await town.participation(family))
    await town.post("erasures", {"subject": family})
    (item,) = (await _mine(town, mentor))["items"]
    assert (item["family"], item["persons"]) == (None, [])
    for role in ("coordinator", "city", "auditor"):
        await town.get(PATH, role=role, expect=403)
