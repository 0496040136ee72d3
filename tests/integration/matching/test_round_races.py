"""A round that is being solved while somebody leaves, is erased, says no or is told: it brings nobody back."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import pytest
import pytest_asyncio

from services.matching.commands.hold_round import HeldRound, hold_round
from services.matching.commands.prepare_round import AskedRound, prepare_round
from services.matching.commands.round_record import HoldRound
from shared.contracts.registry import ConsentV1, EngagementV1, ParticipationV1
from shared.kernel.ids import new_id
from shared.security.principals import Actor
from shared.storage.work import Work
from tests.integration.api_parts import Api
from tests.integration.matching.town import DAY, Town

ACTOR = Actor("tester", "coordinator", "correlation-1")
LATER = "2026-01-16T09:00:00.000Z"
TOKEN = "0123456789abcdef"


@pytest_asyncio.fixture(scope="module")
async def town(matching_api: Api) -> Town:
    await matching_api.store.serve_city("rundenrennen")
    return Town(matching_api, "rundenrennen")


@dataclass(slots=True)
class Scene:
    """A mentor and the family that the solver gives her, another family that waits, and the solved round."""

    town: Town
    slug: str
    mentor: EngagementV1
    family: ParticipationV1
    consent: ConsentV1
    waits: ParticipationV1
    solved: HoldRound

    @classmethod
    async def of(cls, town: Town, slug: str, *, drafted: bool = False) -> "Scene":
        """``drafted``: an earlier round has proposed the pair already."""
        await town.programme(slug)
        mentor = await town.mentor(slug, clearance_until="2100-01-01")
        family = await town.family(slug, consent=False, waiting_since="2025-10-01")
        consent = await town.consent(str(family.family))
        waits = await town.family(slug)
        if drafted:
            await town.round(slug)
        return cls(town, slug, mentor, family, consent, waits, await _solved(town, slug))

    async def hold(self) -> HeldRound:
        """The round, stored by now."""
        return await _hold(self.town, self.solved)

    async def drafts(self) -> list[dict[str, Any]]:
        """The drafts of the programme."""
        query = {"programme": self.slug, "state": {"$in": ["draft", "proposed"]}}
        return await self.town.api.store.reader(self.town.city).find("proposals", query)

    async def waiting(self) -> list[str]:
        """Who waits in the programme."""
        rows = await self.town.api.store.reader(self.town.city).find("waiting", {"programme": self.slug, "waits": True})
        return sorted(row["_id"] for row in rows)

    async def act(self, verb: str, body: dict[str, Any], of: str | None = None) -> None:
        """An act on the pair's proposal, or on that of ``of``."""
        key = of or (await self.drafts())[0]["_id"]
        async with self.town.as_role() as client:
            answer = await client.post(f"proposals/{key}:{verb}", json=body)
        assert answer.status_code == 200, answer.text


async def _solved(town: Town, slug: str) -> HoldRound:
    await town.fresh_consents()
    solver = town.api.app.state.extra["solver_pool"]
    return await prepare_round(town.api.store, town.city, solver, AskedRound(new_id("rnd"), slug, DAY))


async def _hold(town: Town, solved: HoldRound) -> HeldRound:
    return await town.api.store.transact(town.city, ACTOR, lambda work: hold_round(work, solved))


async def _leaves(scene: Scene) -> None:
    await scene.town.tell(scene.family.model_copy(update={"ended_on": DAY, "ended_because": "moved_away"}))


async def _is_erased(scene: Scene) -> None:
    await scene.town.erasure(str(scene.family.family), scene.family.id)
    await scene.town.tell_erased(ParticipationV1, scene.family.id, LATER)


async def _is_nobodys(scene: Scene) -> None:
    await scene.town.tell(scene.family.model_copy(update={"family": None, "person": None}))


@pytest.mark.parametrize("goes", [_leaves, _is_erased, _is_nobodys])
@pytest.mark.parametrize("reacts", ["before", "after"])
async def test_who_goes_while_a_round_is_solved_is_in_none_of_it(
    town: Town, goes: Callable[[Scene], Awaitable[None]], reacts: str
) -> None:
    scene = await Scene.of(town, f"wer-geht-{reacts}-{goes.__name__.strip('_').replace('_', '-')}"[:30])
    await goes(scene)
    if reacts == "before":
        await town.react()
    held = await scene.hold()
    await town.react()
    assert held.proposals == ()
    assert [waiter.id for waiter in held.waiting] == [scene.waits.id]
    assert await scene.drafts() == []
    told = await town.told("matching.waiting.v1", scene.family.id) + await town.told("matching.proposals.v1", "prp")
    assert told == [], "nothing is told of her after she has gone"


@pytest.mark.parametrize("end", ["participation", "engagement"])
async def test_end_that_arrives_between_a_rounds_view_and_its_commit_leaves_nothing(town: Town, end: str) -> None:
    scene = await Scene.of(town, f"dazwischen-{end}")
    attempts = 0

    async def body(work: Work) -> HeldRound:
        nonlocal attempts
        attempts += 1
        await work.one("pool", {"_id": "nothing"})
        if attempts == 1:
            if end == "participation":
                await _leaves(scene)
            else:
                await town.tell(scene.mentor.model_copy(update={"stage": "left", "left_on": DAY}))
            await town.react()
        return await hold_round(work, scene.solved)

    held = await town.api.store.transact(town.city, ACTOR, body)
    assert attempts > 1
    assert held.proposals == ()
    assert await scene.drafts() == []
    assert scene.family.id not in await scene.waiting() or end == "engagement"


async def test_tombstone_without_a_state_meets_every_round_of_the_city(town: Town) -> None:
    scene = await Scene.of(town, "ohne-spur")
    attempts = 0

    async def body(work: Work) -> HeldRound:
        nonlocal attempts
        attempts += 1
        await work.one("pool", {"_id": "nothing"})
        if attempts == 1:
            await _is_erased(scene)
            await town.react()
        return await hold_round(work, scene.solved)

    held = await town.api.store.transact(town.city, ACTOR, body)
    assert (attempts > 1, held.proposals) == (True, ())
    assert await scene.drafts() == []


async def test_pair_that_is_rejected_while_a_round_is_solved_does_not_come_back(town: Town) -> None:
    scene = await Scene.of(town, "nein-dazwischen", drafted=True)
    await scene.act("reject", {"reason": "declined_by_family"})
    held = await scene.hold()
    assert held.proposals == ()
    reasons = {waiter.id: waiter.reasons for waiter in held.waiting}
    assert reasons[scene.family.id] == (("exclusion", 1),), "she goes on waiting, and it is said why"
    assert await scene.drafts() == []


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"stage": "paused"}, "paused"),
        ({"clearance_until": None}, "clearance"),
        ({"certified_on": None, "modules_missing": ("health",)}, "qualification"),
        ({"capacity": 0}, "capacity"),
        ({"excluded": "family"}, "exclusion"),
    ],
)
async def test_mentor_who_may_not_any_more_gets_nobody(town: Town, changes: dict[str, Any], reason: str) -> None:
    scene = await Scene.of(town, f"sie-nicht-{reason}")
    told = {"excluded": (scene.family.id,)} if "excluded" in changes else changes
    await town.tell(scene.mentor.model_copy(update=told))
    held = await scene.hold()
    assert held.proposals == ()
    assert {waiter.id: waiter.reasons for waiter in held.waiting}[scene.family.id] == ((reason, 1),)


async def test_withdrawn_consent_counts_at_once(town: Town) -> None:
    scene = await Scene.of(town, "zurueckgenommen")
    await town.tell(scene.consent.model_copy(update={"withdrawn_at": LATER}))
    held = await scene.hold()
    assert held.proposals == ()
    assert [waiter.id for waiter in held.waiting] == [scene.waits.id], "nothing is told of her, not even that she waits"


async def test_mentor_whose_places_are_taken_meanwhile_gets_no_more_than_she_has(town: Town) -> None:
    slug = await town.programme("voll-inzwischen")
    mentor = await town.mentor(slug, capacity=2)
    families = [await town.family(slug) for _ in range(2)]
    solved = await _solved(town, slug)
    assert len(solved.result["pairs"]) == 2
    assert (await town.pair(mentor, await town.family(slug))).status_code == 201
    held = await _hold(town, solved)
    assert len(held.proposals) == 1
    (left,) = [one.id for one in families if one.id != held.proposals[0].participation]
    assert {waiter.id: waiter.reasons for waiter in held.waiting} == {left: (("capacity", 1),)}


async def test_whoever_is_told_while_a_round_is_solved_stays_with_whom_she_was_told_of(town: Town) -> None:
    scene = await Scene.of(town, "gesagt-ist-gesagt", drafted=True)
    (draft,) = await scene.drafts()
    await scene.act("propose", {})
    held = await scene.hold()
    assert held.proposals == ()
    assert [waiter.id for waiter in held.waiting] == [scene.waits.id]
    (kept,) = await scene.drafts()
    assert (kept["_id"], kept["state"]) == (draft["_id"], "proposed")


@pytest.mark.parametrize("side", ["mentor", "family"])
async def test_consent_to_special_topics_that_is_lost_meanwhile_proposes_nobody_for_them(town: Town, side: str) -> None:
    slug = await town.programme(f"besonders-weg-{side}")
    mentor, family = await town.mentor(slug, special=[TOKEN]), await town.family(slug, special=[TOKEN])
    await town.consent(mentor.id)
    agreed = {
        "mentor": await town.consent(mentor.id, purpose="special_category"),
        "family": await town.consent(str(family.family), purpose="special_category"),
    }
    solved = await _solved(town, slug)
    assert len(solved.result["pairs"]) == 1
    await town.tell(agreed[side].model_copy(update={"withdrawn_at": LATER}))
    held = await _hold(town, solved)
    assert held.proposals == ()
    assert [(waiter.id, waiter.reasons) for waiter in held.waiting] == [(family.id, (("topic", 1),))]


async def test_pinned_pair_stays_but_names_no_special_topic_of_a_consent_that_is_lost_meanwhile(town: Town) -> None:
    slug = await town.programme("besonders-gemerkt")
    mentor = await town.mentor(slug, special=[TOKEN], clearance_until="2100-01-01")
    family = await town.family(slug, special=[TOKEN])
    await town.consent(mentor.id)
    await town.consent(mentor.id, purpose="special_category")
    agreed = await town.consent(str(family.family), purpose="special_category")
    await town.fresh_consents()
    async with town.as_role() as client:
        body = {"engagement": mentor.id, "participation": family.id, "because": "other"}
        assert (await client.post("pins", json=body)).status_code == 201
    solved = await _solved(town, slug)
    await town.tell(agreed.model_copy(update={"withdrawn_at": LATER}))
    (proposal,) = (await _hold(town, solved)).proposals
    assert [reason["topics"] for reason in proposal.why if "topics" in reason] == [["health"]]
