"""Matching's service with invented towns of several sizes in it, and the engine alone on the same edges."""

import asyncio
import random
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Final

import httpx
import numpy as np
from ortools.graph.python import min_cost_flow

from deploy.bench.harness import Run
from deploy.bench.visits_scene import PROGRAMME
from deploy.local import Stack
from deploy.services import Deployment
from services.matching.domain.fit import fit_of
from services.matching.domain.instance_check import read_instance
from services.matching.domain.policy import Policy
from services.matching.domain.rules import MentorSets, members, places_mask
from services.matching.domain.tiers import family_ranks, unit_of
from services.matching.store import LAYOUT, known
from shared.contracts.base import Contract
from shared.contracts.catalog import PARTITIONS
from shared.contracts.places import ProgrammeV1, SiteV1
from shared.contracts.registry import ConsentV1, EngagementV1, ParticipationV1
from shared.kernel.clock import write_instant
from shared.kernel.ids import new_id
from shared.messaging.batch import offset_id
from shared.messaging.projection import keep_all
from shared.security.principals import Grant
from shared.storage.mongo import Mongo
from shared.storage.store import Store

FAMILIES_A_MENTOR: Final = 4
"""So many families wait for each mentor."""
_DAY: Final = "2026-01-15"
_MOMENT: Final = f"{_DAY}T08:00:00.000Z"
_ANSWERS: Final = 120.0
_LANGUAGES: Final = ("ar", "uk", "fa-AF", "kmr", "ti", "ro")
_TOPICS: Final = ("health", "education", "authorities", "housing", "work", "leisure", "childcare", "money")
_DISTRICTS: Final = tuple(f"viertel-{number}" for number in range(10))
_SLOTS: Final = tuple(f"{day}-{part}" for day in ("mon", "tue", "wed", "thu", "fri") for part in ("am", "noon", "pm"))


@dataclass(frozen=True, slots=True)
class Edges:
    """What is left of a matching file for an engine: positions and weights."""

    places: list[int]
    families: list[int]
    mentors: list[int]
    weights: list[int]
    family_count: int


@dataclass(slots=True)
class RoundScene:
    """One town for each number of families, made on first need."""

    deployment: Deployment
    store: Store
    towns: dict[int, Edges] = field(default_factory=dict)
    """The edges of each town's last round."""

    async def ours(self, families: int, _: float) -> float:
        """Seconds from the request for a round to its answer with all proposals."""
        city = _city(families)
        if families not in self.towns:
            await self.settle(families)
        await self.fresh_consents()
        token = self.deployment.issuer.issue(new_id("sub"), [Grant(role="coordinator", city=city)])
        url = f"{self.deployment.url('matching')}/v1/cities/{city}/rounds"
        async with httpx.AsyncClient(timeout=_ANSWERS, headers={"Authorization": f"Bearer {token}"}) as client:
            began = time.perf_counter()
            answer = await client.post(url, json={"programme": PROGRAMME, "date": _DAY})
            took = time.perf_counter() - began
            if answer.status_code != 201:
                raise RuntimeError(f"a round was answered {answer.status_code} {answer.text[:500]}")
            file = await client.get(f"{url}/{answer.json()['id']}/instance")
        self.towns[families] = edges_of(file.json())
        return took

    async def bare(self, families: int, _: float) -> float:
        """Seconds that the engine needs for the edges of the last round, which was held before."""
        began = time.perf_counter()
        solve_raw(self.towns[families])
        return time.perf_counter() - began

    def edges(self, families: int) -> int:
        """How many pairs were possible in the last round."""
        return len(self.towns[families].weights)

    async def settle(self, families: int) -> str:
        """Makes the town of that size; its name."""
        city = _city(families)
        await self.store.serve_city(city)
        for collection, states in _states(families).items():
            key = "slug" if collection in (known.PROGRAMMES, known.SITES) else "id"
            rows = [{**keep_all(one), "_id": getattr(one, key), "sequence": 1, "erased": False} for one in states]
            await self.store.mongo.city(city)[collection].insert_many(rows)
        return city

    async def fresh_consents(self) -> None:
        """Registry's beats, as if it were there."""
        now = self.store.clock()
        first = {"next": 0, "at": now, "whole": now}
        for number in range(PARTITIONS):
            await self.store.mongo.runtime()["offsets"].update_one(
                {"_id": offset_id("registry.consents.v1", number)},
                {"$set": {"beat": write_instant(now)}, "$setOnInsert": first},
                upsert=True,
            )


@asynccontextmanager
async def round_scene(run: Run) -> AsyncIterator[RoundScene]:
    """The service alone, its projections filled by hand."""
    with Stack.start(run.folder / "round-stack") as stack:
        deployment = Deployment(run.folder / "round", stack.mongo_url, stack.kafka)
        await asyncio.to_thread(deployment.prepare)
        mongo = Mongo(stack.mongo_url, "matching")
        try:
            await asyncio.to_thread(deployment.launch("matching").wait_until_ready)
            yield RoundScene(deployment, Store(mongo, (deployment.root / "master.key").read_bytes(), LAYOUT))
        finally:
            deployment.stop()
            mongo.close()


def edges_of(file: Any) -> Edges:
    """Every pair of a matching file that passes the rules, with the weight that a round gives it."""
    instance, policy = read_instance(file), Policy()
    sets, places = MentorSets.of(instance), instance.free_places()
    ranks, unit, drafts = family_ranks(instance, policy), unit_of(instance, policy), frozenset(instance.drafts)
    open_families = instance.open_families()
    edges = Edges(list(places), [], [], [], len(open_families))
    for number, family in enumerate(open_families):
        for mentor in members(sets.candidates(family, places_mask(places))):
            drafted = (instance.mentors[mentor].id, family.id) in drafts
            fit = fit_of(instance.mentors[mentor], family, drafted, policy.weights)
            edges.families.append(number)
            edges.mentors.append(mentor)
            edges.weights.append(unit * ranks[family.id] + fit.total)
    return edges


def solve_raw(edges: Edges) -> int:
    """The heaviest choice's weight: one call of OR-Tools, no proof, no tie-break, no reasons."""
    count, mentors = edges.family_count, len(edges.places)
    sink, waiting = count + mentors, np.arange(count)
    engine = min_cost_flow.SimpleMinCostFlow()
    engine.add_arcs_with_capacity_and_unit_cost(
        np.concatenate([np.array(edges.families), waiting, count + np.arange(mentors)]),
        np.concatenate([count + np.array(edges.mentors), np.full(count + mentors, sink)]),
        np.concatenate([np.ones(len(edges.weights) + count, dtype=np.int64), np.array(edges.places)]),
        np.concatenate([-np.array(edges.weights), np.zeros(count + mentors, dtype=np.int64)]),
    )
    engine.set_nodes_supplies(np.arange(sink + 1), np.array([1] * count + [0] * mentors + [-count]))
    if engine.solve() != engine.OPTIMAL:
        raise RuntimeError("the engine found no optimum")
    return -int(engine.optimal_cost())


def _city(families: int) -> str:
    return f"messstadt-{families}"


def _states(families: int) -> dict[str, Sequence[Contract]]:
    chance = random.Random(families)  # noqa: S311  # the same town in every run
    period = {"begin": "2025-10-01", "until": "2027-01-01"}
    programme = {"slug": PROGRAMME, "name": "Paten", "sites": ["haus"], "topics": list(_TOPICS), **period}
    carriers = [{"from": "2025-01-01", "value": "volkshaus"}]
    site = {"slug": "haus", "name": "Haus", "district": _DISTRICTS[0], "carriers": carriers}
    waiting = [_family(chance) for _ in range(families)]
    return {
        known.PROGRAMMES: [ProgrammeV1.model_validate(programme)],
        known.SITES: [SiteV1.model_validate(site)],
        known.ENGAGEMENTS: [_mentor(chance) for _ in range(families // FAMILIES_A_MENTOR)],
        known.PARTICIPATIONS: waiting,
        known.CONSENTS: [_consent(chance, str(one.family)) for one in waiting],
    }


def _mentor(chance: random.Random) -> EngagementV1:
    topics = chance.sample(_TOPICS, 5)
    state: dict[str, Any] = {
        "topics": topics,
        "qualified": topics,
        "reach": chance.sample(_DISTRICTS, 4),
        "person": _id(chance, "per"),
    }
    state |= {"levels": dict.fromkeys(chance.sample(_LANGUAGES, 2), "native"), "slots": chance.sample(_SLOTS, 6)}
    state |= {"capacity": chance.randint(1, 4), "gender": chance.choice("fm"), "stage": "active", "role": "mentor"}
    return EngagementV1.model_validate({**_side(chance, "eng"), **state, "clearance_until": "2027-01-01"})


def _family(chance: random.Random) -> ParticipationV1:
    since = (date.fromisoformat(_DAY) - timedelta(days=chance.randrange(200))).isoformat()
    state: dict[str, Any] = {
        "family": _id(chance, "fam"),
        "districts": [{"from": "2025-10-01", "value": chance.choice(_DISTRICTS)}],
    }
    state |= {"levels": {chance.choice(_LANGUAGES): "native"}, "slots": chance.sample(_SLOTS, 4)}
    state |= {"topics": chance.sample(_TOPICS, chance.randint(1, 2)), "urgent": chance.random() < 0.05}
    return ParticipationV1.model_validate({**_side(chance, "ptc"), **state, "waiting_since": since})


def _side(chance: random.Random, kind: str) -> dict[str, Any]:
    sites = [{"from": "2025-10-01", "value": "haus"}]
    common = {"programme": PROGRAMME, "date": "2025-10-01", "sites": sites, "first": True}
    return {"id": _id(chance, kind), **common, "recorded_at": _MOMENT}


def _consent(chance: random.Random, family: str) -> ConsentV1:
    text = {"capacity": "parent", "text": "matching", "text_version": 1, "text_language": "de", "how": "signed"}
    given = {"subject": family, "purpose": "matching", "given_on": "2025-11-01"}
    return ConsentV1.model_validate({"id": _id(chance, "con"), **given, **text})


def _id(chance: random.Random, kind: str) -> str:
    return new_id(kind, chance.randbytes)
