"""What a policy must not break: special topics leave with consents, ended programmes stay ended, waiting counts."""

from datetime import timedelta

import pytest
import pytest_asyncio

from services.matching.app import SERVICE
from services.matching.commands.drop_special import drop_special_everywhere
from services.matching.commands.lost_consent import take_back_everywhere
from shared.contracts.registry import ConsentV1, EngagementV1, ParticipationV1
from shared.kernel.clock import write_instant
from shared.kernel.dates import today
from shared.storage.store import Store
from tests.integration.api_parts import Api
from tests.integration.matching.test_policies import set_policy
from tests.integration.matching.town import DAY, Answer, Town

FAR, TOKEN = "2099-01-01", "0123456789abcdef"


@pytest_asyncio.fixture(scope="module")
async def town(matching_api: Api) -> Town:
    await matching_api.store.serve_city("bewahrstadt")
    return Town(matching_api, "bewahrstadt")


async def drafts(town: Town, slug: str) -> list[Answer]:
    async with town.as_role() as client:
        found = await client.get("proposals", params={"programme": slug, "state": "draft"})
    return list(found.json()["items"])


async def special_pair(town: Town, slug: str) -> tuple[EngagementV1, ParticipationV1, dict[str, ConsentV1]]:
    """A mentor and a family with the same special topic and all consents; those to the topic by side."""
    mentor, family = await town.mentor(slug, special=[TOKEN]), await town.family(slug, special=[TOKEN])
    await town.consent(mentor.id)
    subjects = {"mentor": mentor.id, "family": str(family.family)}
    agreed = {side: await town.consent(key, purpose="special_category") for side, key in subjects.items()}
    return mentor, family, agreed


async def test_special_topics_that_are_only_wishes_leave_stored_rounds_too(town: Town) -> None:
    slug = await town.programme("nur-gewuenscht")
    await set_policy(town, slug, musts=["health"])
    family = await town.family(slug, special=[TOKEN])
    await town.consent(str(family.family), purpose="special_category")
    held = await town.round(slug)
    path = f"rounds/{held['id']}/instance"
    async with town.as_role() as client:
        (row,) = (await client.get(path)).json()["families"]
    assert row["wishes"] == [f"x-{TOKEN}"]
    store = town.api.store
    later = Store(store.mongo, b"", store._layout, clock=lambda: store.clock() + timedelta(days=31))
    assert await drop_special_everywhere(later) >= 1
    async with town.as_role() as client:
        (row,) = (await client.get(path)).json()["families"]
    assert (row["topics"], row["wishes"]) == (["health"], [])


async def test_round_keeps_its_file_while_both_sides_may_still_answer(town: Town) -> None:
    slug = await town.programme("noch-offen")
    mentor, _, _ = await special_pair(town, slug)
    await town.tell(mentor.model_copy(update={"clearance_until": FAR}))
    held = await town.round(slug)
    told = await town.act(f"proposals/{held['proposals'][0]['id']}", "propose", {"expires_on": FAR})
    assert told["status_code"] == 200, told
    store = town.api.store
    later = Store(store.mongo, b"", store._layout, clock=lambda: store.clock() + timedelta(days=31))
    await drop_special_everywhere(later)
    async with town.as_role() as client:
        (row,) = (await client.get(f"rounds/{held['id']}/instance")).json()["families"]
    assert row["topics"] == ["health", f"x-{TOKEN}"]


@pytest.mark.parametrize("side", ["mentor", "family"])
async def test_consent_to_special_topics_takes_its_drafts_along_and_no_others(town: Town, side: str) -> None:
    slug = await town.programme(f"besonders-{side}")
    _, family, agreed = await special_pair(town, slug)
    await town.mentor(slug, levels={"fa": "C1"}, languages=["fa"])
    plain = await town.family(slug, levels={"fa": "C1"}, languages=["fa"])
    await town.round(slug)
    assert {one["participation"] for one in await drafts(town, slug)} == {family.id, plain.id}
    await town.tell(agreed[side].model_copy(update={"withdrawn_at": write_instant(town.api.store.clock())}))
    await town.react()
    assert [one["participation"] for one in await drafts(town, slug)] == [plain.id]


async def test_consent_to_special_topics_that_expires_is_found_at_night(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    slug = await town.programme("besonders-nachts")
    now = town.api.store.clock()
    _, family, agreed = await special_pair(town, slug)
    await town.tell(agreed["mentor"].model_copy(update={"expires_on": today(now + timedelta(days=2))}))
    await town.round(slug)
    await take_back_everywhere(town.api.store)
    assert [one["participation"] for one in await drafts(town, slug)] == [family.id]
    monkeypatch.setattr(town.api.store, "clock", lambda: now + timedelta(days=2))
    await take_back_everywhere(town.api.store)
    monkeypatch.undo()
    assert await drafts(town, slug) == []


async def test_night_proposes_nobody_of_an_ended_programme_that_led_a_pool(town: Town) -> None:
    ended, running = "altes-haus", "neues-haus"
    for slug in (ended, running):
        await town.programme(slug, until=FAR)
    for slug, other in ((ended, running), (running, ended)):
        await set_policy(town, slug, rhythm="nightly", shares=[other])
        await town.mentor(slug, clearance_until=FAR)
    gone, here = await town.family(ended), await town.family(running)
    await town.programme(ended, until="2026-01-01")
    await town.fresh_consents()
    await SERVICE.nightly["rounds"](town.api.store)
    assert [one["participation"] for one in await drafts(town, running)] == [here.id]
    assert gone.id not in {one["participation"] for one in await drafts(town, ended)}


async def test_waiting_goes_on_from_the_last_end_that_was_one(town: Town) -> None:
    slug = await town.programme("zweimal-begleitet")
    mentor, family = (
        await town.mentor(slug, certified_on="2025-10-02"),
        await town.family(slug, waiting_since="2025-10-05"),
    )
    for begun, on, reason in (
        ("2025-11-01", "2025-11-20", "goal_reached"),
        ("2025-12-10", "2026-01-10", "mentor_left"),
    ):
        tandem = (await town.pair(mentor, family, begun)).json()
        async with town.as_role() as client:
            ended = await client.post(
                f"tandems/{tandem['id']}:end", json={"on": on, "reason": reason}, headers={"If-Match": '"1"'}
            )
        assert ended.status_code == 200, ended.text
    held = await town.round(slug, DAY)
    async with town.as_role() as client:
        (row,) = (await client.get(f"rounds/{held['id']}/instance")).json()["families"]
    assert row["waiting_since"] == "2025-11-21", "not since before the first, nor since after the second"


async def test_round_says_how_many_of_those_who_are_open_are_urgent(town: Town) -> None:
    slug = await town.programme("dringend")
    mentor = await town.mentor(slug, capacity=2)
    taken = await town.family(slug, urgent=True)
    assert (await town.pair(mentor, taken)).status_code == 201
    for urgent in (True, False, False):
        await town.family(slug, urgent=urgent)
    counts = (await town.round(slug))["counts"]
    assert [counts[name] for name in ("families", "open", "urgent", "urgent_share")] == [4, 3, 2, 3333]


async def test_who_pauses_has_no_place_however_soft_the_rules_are(town: Town) -> None:
    slug = await town.programme("pausiert-weich")
    mentor = await town.mentor(slug, capacity=3)
    assert (await town.pair(mentor, await town.family(slug))).status_code == 201
    await town.family(slug)
    await town.tell(mentor.model_copy(update={"stage": "paused"}))
    async with town.as_role() as client:
        tried = await client.post("rounds", json={"programme": slug, "date": DAY, "dry_run": True})
    found = tried.json()
    assert (found["counts"]["mentors"], found["matched"]) == (1, 0)
    assert {rule: more["matched"] for rule, more in found["more_if_soft"].items() if more["matched"]} == {}
