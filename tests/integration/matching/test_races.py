"""Two transactions of which one began first and ends last: the later one must see what the other did."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import pytest
import pytest_asyncio

from services.matching.commands.begin_tandem import BeginTandem, begin_tandem
from services.matching.commands.hold_round import hold_round
from services.matching.commands.prepare_round import AskedRound, prepare_round
from services.matching.domain.tandems import Tandem
from shared.kernel.errors import Conflict
from shared.kernel.ids import new_id
from shared.security.principals import Actor
from shared.storage.work import Work
from tests.integration.api_parts import Api
from tests.integration.matching.town import DAY, Town

ACTOR = Actor("tester", "coordinator", "correlation-1")


@pytest_asyncio.fixture(scope="module")
async def town(matching_api: Api) -> Town:
    await matching_api.store.serve_city("wettlaufstadt")
    return Town(matching_api, "wettlaufstadt")


@dataclass(slots=True)
class Slow:
    """Begins a tandem, but stops after its transaction has taken its view of the world."""

    town: Town
    command: BeginTandem
    attempts: int = 0

    async def after(self, others: Callable[[], Awaitable[None]]) -> Tandem:
        """The tandem, begun from a view older than what ``others`` commit meanwhile."""

        async def body(work: Work) -> Tandem:
            self.attempts += 1
            await work.one("pool", {"_id": "nothing"})
            if self.attempts == 1:
                await others()
            return await begin_tandem(work, self.command)

        return await self.town.api.store.transact(self.town.city, ACTOR, body)


async def test_tandem_begun_across_a_round_takes_the_family_off_its_waiting_list(town: Town) -> None:
    slug = await town.programme("ueber-die-runde")
    # Her times do not fit: the round lets the family wait, the coordinator pairs them all the same.
    mentor, family = await town.mentor(slug, slots=["sun-eve"]), await town.family(slug)
    store = town.api.store
    solver = town.api.app.state.extra["solver_pool"]
    prepared = await prepare_round(store, town.city, solver, AskedRound(new_id("rnd"), slug, DAY))

    async def round_is_held() -> None:
        held = await store.transact(town.city, ACTOR, lambda work: hold_round(work, prepared))
        assert [waiter.id for waiter in held.waiting] == [family.id]

    slow = Slow(town, BeginTandem(new_id("tan"), mentor.id, family.id, DAY))
    tandem = await slow.after(round_is_held)
    assert tandem.runs
    assert slow.attempts > 1
    waiting = await store.reader(town.city).find("waiting", {"programme": slug, "waits": True})
    assert waiting == []


async def test_tandem_begun_across_an_end_is_not_begun(town: Town) -> None:
    slug = await town.programme("ueber-das-ende")
    mentor, family = await town.mentor(slug), await town.family(slug)

    async def family_leaves() -> None:
        await town.tell(family.model_copy(update={"ended_on": DAY, "ended_because": "moved_away"}))
        await town.react()

    slow = Slow(town, BeginTandem(new_id("tan"), mentor.id, family.id, DAY))
    with pytest.raises(Conflict, match="participation-ended"):
        await slow.after(family_leaves)
    assert await town.api.store.reader(town.city).count("tandems", {"participation": family.id}) == 0


async def test_fifty_accepts_at_once_on_twenty_places_fill_them_exactly(town: Town) -> None:
    slug = await town.programme("fuenfzig")
    mentors = [await town.mentor(slug, capacity=5) for _ in range(4)]
    families = [await town.family(slug) for _ in range(50)]
    store = town.api.store

    async def pair(number: int) -> Tandem:
        command = BeginTandem(new_id("tan"), mentors[number % 4].id, families[number].id, DAY)
        return await store.transact(town.city, ACTOR, lambda work: begin_tandem(work, command))

    answers = await asyncio.gather(*(pair(number) for number in range(50)), return_exceptions=True)
    refusals = [answer for answer in answers if not isinstance(answer, Tandem)]
    assert len(refusals) == 30
    assert {str(refusal) for refusal in refusals} == {"places-full"}
    for mentor in mentors:
        places = await store.reader(town.city).one("places", {"_id": mentor.id})
        assert places is not None
        assert len(places["running"]) == 5
