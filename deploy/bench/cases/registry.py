"""People: found by name over sealed values, and registered, beside FastAPI and motor with none of our duties."""

from functools import partial
from typing import Any, Final

from deploy.bench.harness import Bench, benchmark
from deploy.bench.registry_scene import OTHERWISE, RegistryScene, registry_scene

SEARCH_NOTES: Final = f"""
The bare side finds one document by its plain, indexed name. Ours finds by keyed tokens on up to four levels (every
{OTHERWISE}th search is for another spelling), writes the audit of the reading before it answers, and opens every hit
under a key of its own.
"""
CREATE_NOTES: Final = """
Ours compares with everybody who is there, makes a key for the person, seals her, and writes document, event and audit;
those who are registered at the same moment are compared by one read, their keys are stored by one insert before the
transaction, and they share the transaction. Relay and chain are at work. Names are random and birthdays those of sixty
years: hardly anybody resembles anybody. Without comparing it would be about 660 in a second where it is 470 (single
runs): MongoDB works on 25 to 35 indexed tokens of each person, both to compare and to store them, on key, event and
audit row; the bare side on one document without an index to speak of. The goal is out of reach of this design: to
reach it, people would have to be found without tokens.
"""
_SEARCHING: Final = 8
_CREATING: Final = 32


@benchmark(
    name="registry-search",
    what="POST …/people:search, 8 clients: 99 of 100 are answered within; sealed values, found by keyed tokens; audit",
    baseline="FastAPI, a model, motor's find_one by an indexed plain name",
    unit="ms",
    goal=None,
    direction="at_most",
    notes=SEARCH_NOTES,
)
async def registry_search(bench: Bench) -> None:
    """Whole names, in a city of 20,000 people."""
    scene = await bench.shared(registry_scene)
    await bench.in_turns(partial(scene.search, _SEARCHING), partial(scene.bare_search, _SEARCHING))
    bench.condition(**_conditions(scene), clients=_SEARCHING)


@benchmark(
    name="registry-create",
    what="POST …/people, 32 clients: token, validation, duplicates, key, seal, transaction, outbox, audit",
    baseline="FastAPI, a model, motor's insert_one (w=majority, journaled), and none of these",
    unit="requests/s",
    goal=0.6,
    direction="at_least",
    notes=CREATE_NOTES,
)
async def registry_create(bench: Bench) -> None:
    """Into the same city, which grows."""
    scene = await bench.shared(registry_scene)
    await bench.in_turns(partial(scene.create, _CREATING), partial(scene.bare_create, _CREATING))
    bench.condition(**_conditions(scene), clients=_CREATING)


def _conditions(scene: RegistryScene) -> dict[str, Any]:
    latest = {f"{side}_ms": f"p50 {one.p50:.1f}, p99 {one.p99:.1f}" for side, one in scene.latest.items()}
    return {"people": len(scene.names), "clients_busy_cores": round(scene.worst_busy, 2), **latest}
