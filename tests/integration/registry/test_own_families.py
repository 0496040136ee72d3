"""A mentor sees the families of her running tandems: first names, the way to the door, telephones; nobody else's."""

from typing import Any

import pytest_asyncio

from shared.kernel.ids import new_id
from tests.integration.api_parts import Api
from tests.integration.registry.families_parts import PATH, Tandems, beat, consent_of
from tests.integration.registry.town import Town

CITY = "begleitstadt"


@pytest_asyncio.fixture(scope="module")
async def town(api: Api) -> Town:
    made = Town(api, CITY)
    await made.build()
    return made


@pytest_asyncio.fixture(scope="module")
async def tandems(town: Town) -> Tandems:
    return Tandems(town)


async def _agreed(town: Town, *persons: str) -> tuple[str, str]:
    """A family that agrees to matching, and its participation."""
    family = await town.family(*persons)
    await town.post("consents", consent_of(family))
    return family, await town.participation(family)


async def _reads(town: Town) -> list[dict[str, Any]]:
    query = {"action": "sealed.read", "role": "mentor"}
    rows: list[dict[str, Any]] = await town.api.store.mongo.city(CITY)["audit"].find(query).to_list(None)
    return rows


async def test_mentor_sees_her_families_by_first_name_with_the_way_to_the_door(town: Town, tandems: Tandems) -> None:
    mentor, other, child = await town.person("Mara Muster"), await town.person(), await town.person("Kim Beispiel")
    family, participation = await _agreed(town, child)
    flat = {"street": "Lindenhof", "number": "77", "door": "dritte Klingel"}
    called = {"kind": "whatsapp", "number": "030 23125042", "whom": "die Tante", "times": ["wed-pm"], "language": "ar"}
    await town.post("contacts", {"subject": family, "flats": [flat], "channels": [called], "letters": {"to": "Amt"}})
    engagement, hers = await town.engagement(mentor), await town.engagement(other)
    mine = await tandems.begin(engagement, participation)
    alone = await town.person("Ida Allein")
    body = {"person": alone, "programme": "paten", "date": "2025-11-17", "site": "haus-awo", "district": "nordufer"}
    single = (await town.post("participations", body))["id"]
    await town.post("consents", consent_of(single))
    helped = await tandems.begin(engagement, single)
    await tandems.begin(engagement, (await _agreed(town))[1], ended_on="2025-11-22")
    await tandems.begin(hers, (await _agreed(town, await town.person("Nur Fremd")))[1])

    page = await tandems.mine(mentor)
    items = {item["tandem"]: item for item in page["items"]}
    assert set(items) == {mine.id, helped.id}
    item = items[mine.id]
    assert item["persons"] == [{"id": child, "first_name": "Kim", "telephone": "0000 1", "messenger": None}]
    assert [(one["street"], one["door"]) for one in item["flats"]] == [("Lindenhof", "dritte Klingel")]
    assert [(one["number"], one["whom"]) for one in item["channels"]] == [("+493023125042", "die Tante")]
    assert (item["family"], item["since"], item["participation"]) == (family, "2025-11-20", participation)
    assert (items[helped.id]["family"], items[helped.id]["persons"][0]["first_name"]) == (None, "Ida")
    assert "Amt" not in str(page)
    reads = await _reads(town)
    fields = {row["object"]: tuple(row["fields"]) for row in reads}
    assert fields == {child: ("name", "telephone"), alone: ("name", "telephone"), family: ("flats", "channels")}
    assert len({(row["at"], row["correlation"], row["purpose"]) for row in reads}) == 1


async def test_page_opens_only_what_it_shows_and_another_grant_s_limits_hold(town: Town, tandems: Tandems) -> None:
    mentor = await town.person()
    engagement = await town.engagement(mentor)
    people = [await town.person(f"Kind {number}") for number in range(3)]
    for person in people:
        await tandems.begin(engagement, (await _agreed(town, person))[1])
    before = len(await _reads(town))
    first = await tandems.mine(mentor, "?limit=2")
    assert len(await _reads(town)) == before + 2
    second = await tandems.mine(mentor, f"?limit=2&cursor={first['next']}")
    shown = [person["id"] for page in (first, second) for item in page["items"] for person in item["persons"]]
    assert (sorted(shown), second["next"]) == (sorted(people), None)
    assert first["sync"]
    assert (second["sync"], second["forget"]) == (None, [])
    assert (await tandems.mine(mentor, programmes=["muetter"]))["items"] == []
    assert (await tandems.mine(await town.person()))["items"] == []
    for role in ("coordinator", "city", "auditor"):
        await town.get(PATH, role=role, expect=403)


async def test_phone_is_told_what_to_forget_since_it_last_asked(town: Town, tandems: Tandems) -> None:
    mentor = await town.person()
    engagement = await town.engagement(mentor)
    long_ago = await tandems.begin(engagement, (await _agreed(town))[1])
    await tandems.end(long_ago, recorded_at="2025-11-30T10:00:00.000Z")
    kept, ended, erased, left = [await _agreed(town, await town.person()) for _ in range(4)]
    consent = consent_of(left[0], purpose="matching")
    begun = [await tandems.begin(engagement, one[1]) for one in (kept, ended, erased, left)]
    first = await tandems.mine(mentor)
    assert {item["tandem"] for item in first["items"]} == {one.id for one in begun}
    assert first["forget"] == []

    await tandems.end(begun[1])
    await town.post("erasures", {"subject": erased[0]})
    (given,) = (await town.get(f"consents?subject={left[0]}"))["items"]
    await town.post(f"consents/{given['id']}:withdraw", {})
    second = await tandems.mine(mentor, f"?since={first['sync']}")
    assert [item["tandem"] for item in second["items"]] == [begun[0].id]
    assert {row["tandem"]: row["because"] for row in second["forget"]} == {
        begun[1].id: "tandem_ended",
        begun[2].id: "erased",
        begun[3].id: "consent_gone",
    }
    # Given again, it is shown again.
    await town.post("consents", consent)
    third = await tandems.mine(mentor, f"?since={second['sync']}")
    assert {item["tandem"] for item in third["items"]} == {begun[0].id, begun[3].id}
    # A side's end closes at once, before matching has told of the tandem's.
    await town.post(f"participations/{left[1]}:end", {"on": "2025-11-22", "reason": "needs_met"})
    fourth = await tandems.mine(mentor, f"?since={third['sync']}")
    assert "participation_ended" in {row["because"] for row in fourth["forget"]}
    await town.post(f"engagements/{engagement}:leave", {"on": "2025-11-22", "reason": "moved_away"})
    fifth = await tandems.mine(mentor, f"?since={fourth['sync']}")
    assert fifth["items"] == []
    assert {row["tandem"]: row["because"] for row in fifth["forget"]}[begun[0].id] == "engagement_left"


async def test_phone_forgets_a_tandem_that_was_erased(town: Town, tandems: Tandems) -> None:
    mentor, other = await town.person(), await town.person()
    engagement, beside = await town.engagement(mentor), await town.engagement(other)
    begun = await tandems.begin(engagement, (await _agreed(town, await town.person()))[1])
    await tandems.begin(beside, (await _agreed(town, await town.person()))[1])
    first, others = await tandems.mine(mentor), await tandems.mine(other)
    assert (first["whole"], first["forget"]) == (True, [])

    await tandems.erase(begun.id)
    second = await tandems.mine(mentor, f"?since={first['sync']}")
    assert (second["items"], second["whole"]) == ([], False)
    assert second["forget"] == [{"tandem": begun.id, "because": "erased"}]
    left = await tandems.mine(other, f"?since={others['sync']}")
    assert (len(left["items"]), left["forget"], left["whole"]) == (1, [], False)

    # Registry was built anew from a topic that had kept the tombstone alone: nobody knows whose phone has it.
    await tandems.erase(new_id("tan"))
    third = await tandems.mine(other, f"?since={left['sync']}")
    assert (len(third["items"]), third["whole"]) == (1, True)


async def test_sync_is_the_mentor_s_own_and_cannot_be_made_up(town: Town, tandems: Tandems) -> None:
    mentor, other = await town.person(), await town.person()
    page = await tandems.mine(mentor)
    for person, since in ((other, page["sync"]), (mentor, "x" * 40)):
        refusal = await tandems.mine(person, f"?since={since}", expect=400)
        assert refusal["code"] == "cursor-form"


async def test_list_closes_while_it_is_not_known_which_tandems_ended(town: Town, tandems: Tandems) -> None:
    mentor = await town.person()
    await tandems.begin(await town.engagement(mentor), (await _agreed(town, await town.person()))[1])
    assert len((await tandems.mine(mentor))["items"]) == 1
    await beat(town.api, "2025-01-01T00:00:00.000Z", range(2, 3))
    closed = await town.get(PATH, role="mentor", person=mentor, expect=503)
    assert (closed["code"], "items" in closed) == ("tandems-stale", False)
    assert len((await tandems.mine(mentor))["items"]) == 1


async def test_without_a_standing_consent_nobody_is_shown(town: Town, tandems: Tandems) -> None:
    mentor = await town.person()
    engagement, family = await town.engagement(mentor), await town.family(await town.person())
    await tandems.begin(engagement, await town.participation(family))
    assert (await tandems.mine(mentor))["items"] == []
    await town.post("consents", consent_of(family, expires_on="2025-11-18"))
    assert (await tandems.mine(mentor))["items"] == []
