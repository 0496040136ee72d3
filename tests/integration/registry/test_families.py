"""Families that move, and families and persons that are forgotten."""

import pytest_asyncio

from services.registry.commands.erasures import resume_erasures
from tests.integration.api_parts import Api
from tests.integration.registry.town import Town

CITY = "familienstadt"


@pytest_asyncio.fixture(scope="module")
async def town(api: Api) -> Town:
    made = Town(api, CITY)
    await made.build()
    return made


async def test_move_reaches_participations_and_makes_nothing_late(town: Town) -> None:
    family = await town.family()
    participation = await town.participation(family)
    await town.post(f"families/{family}:move", {"district": "suedufer", "since": "2025-11-20"})
    before, after = await town.told("participations", participation)
    assert [(entry.since, entry.value) for entry in after.districts] == [
        ("2024-01-01", "nordufer"),
        ("2025-11-20", "suedufer"),
    ]
    assert after.district == before.district == "nordufer"
    assert (after.recorded_at, after.versions) == (before.recorded_at, ())


async def test_move_dated_back_is_a_version_of_what_was_known(town: Town) -> None:
    family = await town.family()
    participation = await town.participation(family)
    await town.post(f"families/{family}:move", {"district": "suedufer", "since": "2025-06-01"})
    before, after = await town.told("participations", participation)
    assert after.district == "suedufer"
    assert [(version.district, version.recorded_at) for version in after.versions] == [("nordufer", before.recorded_at)]
    assert after.recorded_at > before.recorded_at


async def test_end_keeps_what_was_known_before(town: Town) -> None:
    participation = await town.participation(await town.family())
    await town.post(f"participations/{participation}:end", {"on": "2025-11-22", "reason": "needs_met"})
    newest = (await town.told("participations", participation))[-1]
    assert (newest.ended_on, [version.ended_on for version in newest.versions]) == ("2025-11-22", [None])


async def test_erased_family_leaves_months_and_no_way_back(town: Town) -> None:
    child, mentor = await town.person("Kim Muster"), await town.person("Ada Muster")
    family = await town.family(child, mentor)
    await town.post("contacts", {"subject": family, "flats": [{"street": "Musterweg", "number": "1"}]})
    await town.engagement(mentor)
    participation = await town.participation(family)
    await town.post(f"participations/{participation}:end", {"on": "2025-11-22", "reason": "needs_met"})
    consent = await town.post("consents", _consent(family))
    erasure = await town.post("erasures", {"subject": family})

    state = (await town.told("participations", participation))[-1]
    assert (state.family, state.person, state.date, state.ended_on) == (None, None, "2025-11-01", "2025-11-01")
    assert [entry.since for entry in (*state.districts, *state.sites)] == ["2025-11-01", "2025-11-01"]
    assert {version.date for version in state.versions} == {"2025-11-01"}
    assert state.levels == {}
    told = (await town.told("erasures", erasure["id"]))[0]
    assert set(told.also) == {participation, child}
    for topic, key in (("families", family), ("persons", child), ("consents", consent["id"])):
        assert (await town.told(topic, key))[-1] is None, topic
    assert (await town.told("persons", mentor))[-1] is not None
    keys = town.api.store.mongo.city(CITY)["keys"]
    assert await keys.count_documents({"keyAltNames": {"$in": [family, child]}}) == 0
    assert await town.api.store.mongo.city(CITY)["contacts"].count_documents({"_id": family}) == 0
    await town.post("people", {"id": child, "as_documented": "Wieder Da"}, expect=409)


async def test_erased_person_leaves_her_family_and_her_counted_work(town: Town) -> None:
    person = await town.person()
    family = await town.family(person)
    engagement = await town.engagement(person, languages={"uk": "native"}, slots=["wed-pm"], reach=["nordufer"])
    await town.post("erasures", {"subject": person})
    state = (await town.told("engagements", engagement))[-1]
    assert (state.person, state.date, state.first, state.languages) == (None, "2025-11-01", True, ("uk",))
    assert (state.slots, state.reach, state.levels, state.versions) == ((), (), {}, ())
    assert (await town.get(f"families/{family}"))["persons"] == []
    await town.post(f"engagements/{engagement}:leave", {"on": "2025-11-22", "reason": "x_y"}, expect=409)


async def test_erasure_interrupted_before_the_keys_is_taken_up_again(town: Town) -> None:
    person = await town.person()
    erasure = (await town.post("erasures", {"subject": person}))["id"]
    database = town.api.store.mongo.city(CITY)
    await town.api.store.vault.seal(CITY, person, {"left": "behind"})
    await database["erasures"].update_one({"_id": erasure}, {"$set": {"keys_gone_at": None}})
    assert await resume_erasures(town.api.store) == 1
    assert await database["keys"].count_documents({"keyAltNames": person}) == 0
    assert await resume_erasures(town.api.store) == 0


def _consent(subject: str) -> dict[str, object]:
    return {
        "subject": subject,
        "purpose": "matching",
        "capacity": "self",
        "text": "matching_consent",
        "text_language": "uk",
        "how": "in_writing",
        "given_on": "2025-11-17",
    }
