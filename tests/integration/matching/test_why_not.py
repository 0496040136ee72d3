"""Why a pair is no proposal, asked over HTTP: as things are now, in a round, and of all mentors of a family."""

from typing import Any

import pytest_asyncio

from tests.integration.api_parts import Api
from tests.integration.matching.town import DAY, Town

Answer = dict[str, Any]


@pytest_asyncio.fixture(scope="module")
async def town(matching_api: Api) -> Town:
    await matching_api.store.serve_city("warumstadt")
    return Town(matching_api, "warumstadt")


async def asked(town: Town, mentor: Any, family: Any, language: str = "en", **more: str) -> Answer:
    """What a coordinator is told of a pair."""
    await town.fresh_consents()
    params = {"engagement": mentor.id, "participation": family.id, **({} if "round" in more else {"date": DAY}), **more}
    async with town.as_role() as client:
        client.headers["Accept-Language"] = language
        answer = await client.get("why-not", params=params)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def bare(reason: Answer) -> Answer:
    return {name: value for name, value in reason.items() if name not in ("title", "sentence")}


async def test_trainee_is_refused_with_the_module_that_she_lacks(town: Town) -> None:
    slug = await town.programme("ohne-modul")
    trainee = await town.mentor(slug, certified_on=None, modules_missing=["health"], qualified=[])
    family = await town.family(slug)
    held = await town.round(slug)
    for told in (await asked(town, trainee, family), await asked(town, trainee, family, round=held["id"])):
        assert bare(told["reason"]) == {"rule": "qualification", "modules": ["health"]}
        assert told["reason"]["sentence"] == "The qualification is not complete; missing: health."
        assert told["proof"] is None
    assert told["round"] == held["id"]


async def test_place_that_a_longer_waiting_family_got_is_explained_and_proved(town: Town) -> None:
    slug = await town.programme("laenger-wartend")
    mentor = await town.mentor(slug)
    longer = await town.family(slug, waiting_since="2025-10-05")
    family = await town.family(slug, waiting_since="2026-01-10")
    held = await town.round(slug)
    told = await asked(town, mentor, family, language="de", round=held["id"])
    assert bare(told["reason"]) == {"rule": "needed-by-longer-waiting"}
    assert told["reason"]["sentence"] == "Der Platz geht an eine Familie, die länger wartet."
    proof, prices = told["proof"], held["certificate"]["prices"]
    assert proof["family_price"] == prices["families"][family.id]
    assert proof["mentor_price"] == prices["mentors"][mentor.id]
    assert proof["gap"] == proof["family_price"] + proof["mentor_price"] - proof["weight"]
    assert proof["weight"] == proof["unit"] * proof["rank"] + proof["fit"]
    assert 0 <= proof["gap"] <= told["costs"] > 0
    assert longer.id not in str(told)
    assert str(longer.family) not in str(told)
    assert await asked(town, mentor, family, language="de") == told, "asked without a round it is the last one's answer"


async def test_pair_that_is_proposed_says_why_and_one_that_runs_says_so(town: Town) -> None:
    slug = await town.programme("vorgeschlagen")
    mentor, family = await town.mentor(slug), await town.family(slug)
    held = await town.round(slug)
    told = await asked(town, mentor, family, round=held["id"])
    assert (told["reason"]["rule"], told["costs"]) == ("proposed", None)
    assert told["why"][0]["sentence"] == "Both speak Arabic (at least native)."
    assert (await town.pair(mentor, family)).status_code == 201
    assert (await asked(town, mentor, family))["reason"]["rule"] == "together"
    other = await town.mentor(slug)
    assert (await asked(town, other, family))["reason"]["rule"] == "accompanied"
    free = await town.family(slug)
    assert bare((await asked(town, mentor, free))["reason"]) == {"rule": "capacity", "places": 1, "taken": 1}
    assert (await asked(town, other, free))["reason"]["rule"] == "undecided"


async def test_what_is_true_now_comes_before_what_a_round_said(town: Town) -> None:
    slug = await town.programme("inzwischen")
    mentor = await town.mentor(slug)
    family = await town.family(slug)
    held = await town.round(slug)
    await town.tell(mentor.model_copy(update={"reach": ("dorf",)}))
    assert bare((await asked(town, mentor, family))["reason"]) == {"rule": "district", "district": "schmarl"}
    assert (await asked(town, mentor, family, round=held["id"]))["reason"]["rule"] == "proposed"
    nowhere = await town.family(slug, districts=[])
    told = (await asked(town, mentor, nowhere))["reason"]
    assert bare(told) == {"rule": "left-out", "side": nowhere.id, "pointer": "/district"}


async def test_whoever_came_after_the_round_is_refused_in_its_name(town: Town) -> None:
    slug, other = await town.programme("zu-spaet"), await town.programme("zu-spaet-anders")
    mentor = await town.mentor(slug)
    await town.family(slug)
    held, elsewhere = await town.round(slug), await town.round(other)
    late = await town.family(slug)
    params = {"engagement": mentor.id, "participation": late.id}
    async with town.as_role() as client:
        answer = await client.get("why-not", params={**params, "round": held["id"]})
        strange = await client.get("why-not", params={**params, "round": elsewhere["id"]})
    assert (answer.status_code, answer.json()["code"]) == (422, "not-in-round")
    assert answer.json()["errors"] == [{"pointer": "/participation", "code": "not-in-round"}]
    assert strange.status_code == 404


async def test_neither_side_of_another_carrier_is_explained(town: Town) -> None:
    slug = await town.programme("fremder-traeger")
    other_house = [{"from": "2025-10-01", "value": "ohne-modul-haus"}]
    ours, theirs = await town.mentor(slug), await town.mentor(slug, sites=other_house)
    family = await town.family(slug)
    foreign = await town.family(slug, sites=other_house)
    await town.fresh_consents()
    async with town.as_role("coordinator", sites=[f"{slug}-haus"]) as client:
        for mentor, asking in ((theirs, family), (ours, foreign)):
            params = {"engagement": mentor.id, "participation": asking.id}
            assert (await client.get("why-not", params=params)).status_code == 403
        assert (await client.get("why-not", params={"engagement": ours.id, "participation": family.id})).is_success


async def test_waiting_family_is_told_of_every_mentor_in_reach_why_not_she(town: Town) -> None:
    slug = await town.programme("jede-einzeln")
    other_house = [{"from": "2025-10-01", "value": "ohne-modul-haus"}]
    expected = {
        (await town.mentor(slug, slots=["tue-pm"])).id: "availability",
        (await town.mentor(slug, levels={"uk": "C1"})).id: "language",
        (await town.mentor(slug, stage="paused")).id: "paused",
        (await town.mentor(slug)).id: "needed-by-longer-waiting",
    }
    theirs = await town.mentor(slug, reach=["dorf"], sites=other_house)
    await town.family(slug, waiting_since="2025-10-05")
    family = await town.family(slug, waiting_since="2026-01-10")
    await town.round(slug)
    seen: dict[str, Answer] = {}
    async with town.as_role() as client:
        params: dict[str, str] = {"limit": "2"}
        for _ in range(3):
            page = (await client.get(f"waiting/{family.id}/mentors", params=params)).json()
            seen |= {row["engagement"]: row for row in page["items"]}
            params["cursor"] = page["next"]
    assert page["next"] is None
    assert {key: row["reason"]["rule"] for key, row in seen.items()} == expected | {theirs.id: "district"}
    assert seen[next(key for key, rule in expected.items() if rule.startswith("needed"))]["gap"] is not None
    async with town.as_role("coordinator", sites=[f"{slug}-haus"]) as client:
        ours = (await client.get(f"waiting/{family.id}/mentors")).json()["items"]
        unknown = await client.get(f"waiting/{theirs.id.replace('eng_', 'ptc_')}/mentors")
    assert {row["engagement"] for row in ours} == set(expected)
    assert unknown.status_code == 404


async def test_waiting_family_is_told_which_change_opens_how_many(town: Town) -> None:
    slug = await town.programme("was-hilft")
    for slots in (["tue-pm"], ["tue-pm", "wed-am"], ["tue-pm"]):
        await town.mentor(slug, slots=slots)
    await town.family(slug)
    held = await town.round(slug)
    (waits,) = held["waiting"]
    help_ = waits["would_help"][0]
    assert (help_["rule"], help_["mentors"]) == ("availability", 3)
    assert [(change["slot"], change["mentors"]) for change in help_["changes"]] == [("tue-pm", 3), ("wed-am", 1)]
    assert help_["changes"][0]["sentence"] == "Eine weitere Zeit (Dienstagnachmittag) öffnet 3."


async def test_pair_that_was_told_or_pinned_stands_already_and_takes_its_place(town: Town) -> None:
    slug = await town.programme("steht-schon-fest")
    mentor, family = await town.mentor(slug, clearance_until="2100-01-01"), await town.family(slug)
    (draft,) = (await town.round(slug))["proposals"]
    assert (await town.act(f"proposals/{draft['id']}", "propose"))["status_code"] == 200
    free, waits = await town.mentor(slug, clearance_until="2100-01-01"), await town.family(slug)
    assert bare((await asked(town, mentor, family))["reason"]) == {"rule": "together"}
    assert bare((await asked(town, free, family))["reason"]) == {"rule": "accompanied"}
    assert bare((await asked(town, mentor, waits))["reason"]) == {"rule": "capacity", "places": 1, "taken": 1}
    async with town.as_role() as client:
        pin = {"engagement": free.id, "participation": waits.id, "because": "other"}
        assert (await client.post("pins", json=pin)).status_code == 201
    assert bare((await asked(town, free, waits))["reason"]) == {"rule": "together"}
    await town.tell(free.model_copy(update={"stage": "paused"}))
    assert bare((await asked(town, free, waits))["reason"]) == {"rule": "paused"}, "what is wrong with it comes first"
