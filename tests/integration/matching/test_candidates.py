"""Candidates and the waiting list on the real stack."""

from typing import Any

import pytest_asyncio

from shared.contracts.registry import EngagementV1, ParticipationV1
from tests.integration.api_parts import Api
from tests.integration.matching.town import DAY, Town
from tests.integration.town_parts import RECORDED


@pytest_asyncio.fixture(scope="module")
async def town(matching_api: Api) -> Town:
    await matching_api.store.serve_city("kandidatenstadt")
    return Town(matching_api, "kandidatenstadt")


async def test_candidates_are_ranked_and_every_other_is_told_why_not(town: Town) -> None:
    slug = await town.programme("wer-passt")
    best = await town.mentor(slug)
    worse = await town.mentor(slug, levels={"ar": "B1"})
    expected: dict[str, dict[str, Any]] = {
        (await town.mentor(slug, levels={"ar": "A2"})).id: {"needed": "B1", "language": "ar", "has": "A2"},
        (await town.mentor(slug, levels={"uk": "C1"})).id: {"needed": "B1", "languages": ["ar"]},
        (await town.mentor(slug, topics=[])).id: {"topics": ["health"]},
        (await town.mentor(slug, qualified=[], modules_missing=["health"])).id: {
            "topics": ["health"],
            "modules": ["health"],
        },
        (await town.mentor(slug, slots=["tue-pm"])).id: {"slots": ["mon-am"]},
        (await town.mentor(slug, reach=["dorf"])).id: {"district": "schmarl"},
        (await town.mentor(slug, gender="m")).id: {"wished": "f"},
        (await town.mentor(slug, gender_wish="m")).id: {"wished": "m", "by": "mentor"},
        (await town.mentor(slug, capacity=0)).id: {"places": 0, "taken": 0},
        (await town.mentor(slug, certified_on=None, modules_missing=["health"])).id: {"modules": ["health"]},
        (await town.mentor(slug, clearance_until="2026-01-01")).id: {"until": "2026-01-01"},
        (await town.mentor(slug, stage="paused")).id: {},
    }
    busy = await town.mentor(slug)
    await town.pair(busy, await town.family(slug))
    expected[busy.id] = {"places": 1, "taken": 1}
    rules = "language language topic qualification availability district gender gender capacity"
    rules += " qualification clearance paused capacity"
    family = await town.family(slug, gender_wish="f")
    await town.fresh_consents()
    async with town.as_role() as client:
        answer = await client.get("candidates", params={"participation": family.id, "date": DAY})
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert [one["engagement"] for one in found["candidates"]] == [best.id, worse.id]
    fits = [one["fit"]["total"] for one in found["candidates"]]
    assert fits[0] > fits[1] > 0
    told = {one["engagement"]: one["reason"] for one in found["others"]}
    for (key, parameters), rule in zip(expected.items(), rules.split(), strict=True):
        title = told[key].pop("title")
        assert told[key].pop("sentence").endswith(".")
        assert told[key] == {"rule": rule, **parameters}
        assert title != rule, "there are words beside every code"
    assert set(told) == set(expected)


async def test_wish_of_either_side_keeps_them_apart_in_candidates_and_in_the_round(town: Town) -> None:
    slug = await town.programme("wer-wen-begleitet")
    for_women = await town.mentor(slug, gender_wish="f")
    man, unknown = await town.family(slug, gender="m"), await town.family(slug)
    woman = await town.family(slug, gender="f", waiting_since="2025-12-30")
    await town.fresh_consents()
    async with town.as_role() as client:
        answers = {
            one.id: (await client.get("candidates", params={"participation": one.id, "date": DAY})).json()
            for one in (man, unknown, woman)
        }
        told = {key: [other["reason"] for other in answer["others"]] for key, answer in answers.items()}
        assert all(reason.pop("sentence") for reasons in told.values() for reason in reasons)
        hers = {"rule": "gender", "wished": "f", "by": "mentor", "title": "Gewünschtes Geschlecht"}
        assert told == {man.id: [hers], unknown.id: [hers], woman.id: []}
        assert [one["engagement"] for one in answers[woman.id]["candidates"]] == [for_women.id]
        held = await town.round(slug)
        (proposal,) = (await client.get("proposals", params={"round": held["id"]})).json()["items"]
        waiting = (await client.get("waiting", params={"programme": slug})).json()["items"]
    assert (proposal["engagement"], proposal["participation"]) == (for_women.id, woman.id)
    assert {one["id"]: one["reasons"][0]["rule"] for one in waiting} == {man.id: "gender", unknown.id: "gender"}


async def test_mentor_whom_another_family_needs_comes_second(town: Town) -> None:
    slug = await town.programme("wer-knapp-ist")
    scarce = await town.mentor(slug, levels={"ar": "native", "uk": "native"}, slots=["mon-am", "tue-am"])
    plain = await town.mentor(slug)
    await town.family(slug, levels={"uk": "native"}, slots=["tue-am"])
    await town.family(slug, levels={"uk": "native"}, slots=["tue-am"])
    await town.round(slug)
    family = await town.family(slug, slots=["mon-am", "tue-am"])
    await town.fresh_consents()
    async with town.as_role() as client:
        found = (await client.get("candidates", params={"participation": family.id, "date": DAY})).json()["candidates"]
    assert [one["engagement"] for one in found] == [plain.id, scarce.id]
    assert found[0]["fit"]["total"] < found[1]["fit"]["total"]
    assert found[1]["price"] > 0 == found[0]["price"]


async def asked(town: Town, family: ParticipationV1, **more: str) -> dict[str, Any]:
    await town.fresh_consents()
    async with town.as_role() as client:
        answer = await client.get("candidates", params={"participation": family.id, "date": DAY, **more})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def fitting(found: dict[str, Any]) -> list[str]:
    return sorted(one["engagement"] for one in found["candidates"])


async def test_whatever_has_changed_since_the_last_question_is_in_the_answer(town: Town) -> None:
    slug = await town.programme("immer-frisch")
    first, second = await town.mentor(slug), await town.mentor(slug)
    family, other = await town.family(slug), await town.family(slug)
    assert fitting(await asked(town, family)) == sorted([first.id, second.id])
    third = await town.mentor(slug)
    assert fitting(await asked(town, family)) == sorted([first.id, second.id, third.id]), "a mentor came"
    await town.tell(second.model_copy(update={"slots": ("tue-pm",)}))
    assert fitting(await asked(town, family)) == sorted([first.id, third.id]), "a mentor changed"
    await town.tell_erased(EngagementV1, third.id, RECORDED)
    assert fitting(await asked(town, family)) == [first.id], "a mentor was erased"
    tandem = (await town.pair(first, other)).json()
    assert fitting(await asked(town, family)) == [], "a place was taken"
    async with town.as_role() as client:
        headers = {"If-Match": f'"{tandem["version"]}"'}
        ended = await client.post(
            f"tandems/{tandem['id']}:end", json={"on": DAY, "reason": "moved_away"}, headers=headers
        )
    assert ended.status_code == 200, ended.text
    assert fitting(await asked(town, family)) == [first.id], "and was free again"
    held = await town.round(slug)
    (draft,) = (one for one in held["proposals"])
    asking = family if draft["participation"] == family.id else other
    async with town.as_role() as client:
        await client.post(f"proposals/{draft['id']}:reject", json={"reason": "declined_by_family"})
    assert fitting(await asked(town, asking)) == [], "the pair was rejected"


async def test_consents_are_those_of_this_moment(town: Town) -> None:
    slug = await town.programme("einwilligung-jetzt")
    mentor = await town.mentor(slug)
    family = await town.family(slug, consent=False)
    assert (await asked(town, family))["others"][0]["reason"]["rule"] == "consent"
    consent = await town.consent(str(family.family))
    assert fitting(await asked(town, family)) == [mentor.id]
    await town.tell(consent.model_copy(update={"withdrawn_at": "2026-01-10T08:00:00.000Z"}))
    assert (await asked(town, family))["others"][0]["reason"]["rule"] == "consent"


async def test_special_topic_counts_while_both_sides_consents_stand_and_is_never_named(town: Town) -> None:
    slug, token = await town.programme("besonderes"), "0123456789abcdef"
    able = await town.mentor(slug, special=[token])
    plain = await town.mentor(slug)
    family = await town.family(slug, special=[token])
    assert fitting(await asked(town, family)) == sorted([able.id, plain.id])
    await town.consent(str(family.family), purpose="special_category")
    assert fitting(await asked(town, family)) == []
    for purpose in ("matching", "special_category"):
        await town.consent(able.id, purpose=purpose)
    found = await asked(town, family)
    assert fitting(found) == [able.id]
    assert found["others"][0]["reason"]["topics"] == ["special"]
    assert token not in str(found)


async def test_of_many_others_the_first_are_told_and_all_are_counted(town: Town) -> None:
    slug = await town.programme("viele-andere")
    for number in range(203):
        await town.mentor(slug, levels={"uk": "C1"}, slots=["mon-am", "tue-am"][: 1 + number % 2])
    await town.mentor(slug, stage="paused")
    family = await town.family(slug)
    found = await asked(town, family)
    assert len(found["others"]) == 200
    assert {one["rule"]: one["mentors"] for one in found["others_by_rule"]} == {"paused": 1, "language": 203}
    everybody = await asked(town, family, others="all")
    assert len(everybody["others"]) == 204
    assert everybody["others"][:200] == found["others"]


async def test_every_candidate_has_her_reasons_as_sentences(town: Town) -> None:
    slug = await town.programme("mit-gruenden")
    await town.mentor(slug)
    (candidate,) = (await asked(town, await town.family(slug)))["candidates"]
    assert [one["rule"] for one in candidate["why"]] == [
        "language",
        "qualification",
        "availability",
        "district",
        "waiting",
    ]
    assert candidate["why"][2]["sentence"] == "Gemeinsame Zeiten: Montagvormittag."


async def rule(town: Town, slug: str, **body: Any) -> None:
    """A version of the programme's policy that holds on the day of these tests."""
    async with town.as_role() as client:
        version = (await client.get(f"policies/{slug}")).json()["version"]
        answer = await client.put(
            f"policies/{slug}",
            json={"since": DAY, "because": "team_decision", **body},
            headers={"If-Match": f'"{version}"'},
        )
    assert answer.status_code == 200, answer.text


async def test_candidates_follow_the_policy_of_this_moment(town: Town) -> None:
    slug = await town.programme("nach-regeln")
    dari = await town.mentor(slug, levels={"fa-AF": "native"})
    family = await town.family(slug, levels={"fa": "native"}, wishes=["leisure"])
    (candidate,) = (await asked(town, family))["candidates"]
    assert candidate["engagement"] == dari.id
    first, last = candidate["why"][0], candidate["why"][-1]
    assert (first["language"], first["understood_as"]) == ("fa-AF", "fa")
    assert first["sentence"] == "Dari wird als Persisch verstanden (mindestens C1)."
    assert (last["rule"], last["topics"]) == ("uncovered", ["leisure"])
    await rule(town, slug, understands=[])
    assert fitting(await asked(town, family)) == [], "the policy has changed since the last question"


async def test_candidates_of_a_shared_pool_come_as_soon_as_both_programmes_say_so(town: Town) -> None:
    ours, theirs = await town.programme("teilt-a"), await town.programme("teilt-b")
    mentor, other = await town.mentor(ours), await town.mentor(theirs)
    family = await town.family(ours)
    assert fitting(await asked(town, family)) == [mentor.id]
    await rule(town, ours, shares=[theirs])
    assert fitting(await asked(town, family)) == [mentor.id]
    await rule(town, theirs, shares=[ours])
    assert fitting(await asked(town, family)) == sorted([mentor.id, other.id])
    await town.tell(other.model_copy(update={"slots": ("tue-pm",)}))
    assert fitting(await asked(town, family)) == [mentor.id]


async def test_another_carriers_mentors_are_not_there(town: Town) -> None:
    slug = await town.programme("zwei-traeger")
    ours = await town.mentor(slug)
    other_house = [{"from": "2025-10-01", "value": "wer-passt-haus"}]
    theirs = await town.mentor(slug, sites=other_house)
    family = await town.family(slug)
    foreign = await town.family(slug, sites=other_house)
    await town.fresh_consents()
    async with town.as_role("coordinator", sites=[f"{slug}-haus"]) as client:
        answer = await client.get("candidates", params={"participation": family.id, "date": DAY})
        refused = await client.get("candidates", params={"participation": foreign.id, "date": DAY})
    assert [one["engagement"] for one in answer.json()["candidates"]] == [ours.id]
    assert theirs.id not in answer.text
    assert refused.status_code == 403


async def test_whoever_has_a_tandem_or_a_wrong_row_has_no_candidates(town: Town) -> None:
    slug = await town.programme("ohne-kandidaten")
    family = await town.family(slug)
    await town.pair(await town.mentor(slug), family)
    nowhere = await town.family(slug, districts=[])
    async with town.as_role() as client:
        settled = await client.get("candidates", params={"participation": family.id, "date": DAY})
        wrong = await client.get("candidates", params={"participation": nowhere.id, "date": DAY})
    assert (settled.status_code, settled.json()["code"]) == (409, "already-in-a-tandem")
    assert (wrong.status_code, wrong.json()["code"]) == (422, "left-out")
    assert wrong.json()["errors"] == [{"pointer": "/district", "code": "left-out"}]


async def test_waiting_list_is_paged_longest_first_with_words_in_two_languages(town: Town) -> None:
    slug = await town.programme("wartende")
    await town.mentor(slug, levels={"uk": "native"})
    days = ["2025-12-01", "2025-10-05", "2025-11-11"]
    families = {day: (await town.family(slug, waiting_since=day)).id for day in days}
    await town.round(slug)
    seen: list[str] = []
    async with town.as_role() as client:
        client.headers["Accept-Language"] = "en"
        params = {"programme": slug, "limit": "2"}
        page = (await client.get("waiting", params=params)).json()
        seen += [one["id"] for one in page["items"]]
        count = {"rule": "language", "mentors": 1, "title": "Common language"}
        first = page["items"][0]
        assert first["reasons"] == [{**count, "sentence": "Without a common language: 1."}]
        helps, gap = first["would_help"]
        assert helps == {**count, "sentence": "A common language, or an interpreter, would open 1."}
        assert gap["sentence"] == "Nobody with a free place speaks Arabic and reaches Schmarl."
        page = (await client.get("waiting", params={**params, "cursor": page["next"]})).json()
        seen += [one["id"] for one in page["items"]]
    assert page["next"] is None
    assert seen == [families[day] for day in sorted(days)]
