"""From a round to a tandem there is no way but through a person: every route, job and reaction is walked."""

import ast
from collections import defaultdict
from collections.abc import Callable, Iterator
from functools import cache, partial
from pathlib import Path
from typing import Any

import pytest
from fastapi.routing import APIRoute

import services.matching as package
from services.matching.api import ROUTERS
from services.matching.api.permissions import DECIDE, PAIR
from services.matching.app import SERVICE
from shared.web.permissions import Needed

ROOT = Path(package.__file__).parent
BEGIN = {
    ("services.matching.commands.begin_tandem", "begin_tandem"),
    ("services.matching.commands.end_tandem", "reopen_tandem"),
}
"""What makes a tandem run; ``test_only_these_make_a_tandem_run`` holds the list."""

Place = tuple[str, str]
"""A module and a name in it; of a method ``Class.method``."""


class Module:
    """What a module defines and imports, by name."""

    def __init__(self, path: Path) -> None:
        parts = path.relative_to(ROOT.parents[1]).with_suffix("").parts
        self.name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        self.defined: dict[str, ast.AST] = {}
        self.imported: dict[str, Place] = {}
        for node in ast.parse(path.read_text()).body:
            self._take(node)

    def _take(self, node: ast.stmt) -> None:
        if isinstance(node, ast.AsyncFunctionDef | ast.FunctionDef):
            self.defined[node.name] = node
        elif isinstance(node, ast.ClassDef):
            self.defined[node.name] = node
            methods = [one for one in node.body if isinstance(one, ast.AsyncFunctionDef | ast.FunctionDef)]
            self.defined |= {f"{node.name}.{one.name}": one for one in methods}
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            for alias in node.names:
                self.imported[alias.asname or alias.name] = (node.module, alias.name)
        elif isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
            for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                if isinstance(target, ast.Name):
                    self.defined[target.id] = node.value


@cache
def modules() -> dict[str, Module]:
    """All of matching."""
    return {one.name: one for one in (Module(path) for path in sorted(ROOT.rglob("*.py")))}


@cache
def methods() -> dict[str, set[Place]]:
    """Every method by its bare name: whose it is cannot be seen where it is called."""
    found: dict[str, set[Place]] = defaultdict(set)
    for module in modules().values():
        for name in module.defined:
            if "." in name:
                found[name.partition(".")[2]].add((module.name, name))
    return found


def resolved(place: Place) -> Place | None:
    """Where a name is defined, through every import that hands it on; ``None`` for what is not matching's."""
    module = modules().get(place[0])
    if module is None:
        return None
    if place[1] in module.imported and place[1] not in module.defined:
        return resolved(module.imported[place[1]])
    return (module.name, place[1]) if place[1] in module.defined else None


def named_in(place: Place) -> Iterator[Place]:
    """Everything that a definition calls, hands on or keeps in a table: a way there, whether it is gone or not."""
    module = modules()[place[0]]
    for node in ast.walk(module.defined[place[1]]):
        if isinstance(node, ast.Name):
            found = resolved((module.name, node.id))
            if found is not None:
                yield found
        elif isinstance(node, ast.Attribute):
            whose = module.imported.get(node.value.id) if isinstance(node.value, ast.Name) else None
            found = None if whose is None else resolved((".".join(whose), node.attr))
            yield from methods().get(node.attr, ()) if found is None else (found,)


@cache
def reached_from(start: Place) -> frozenset[Place]:
    """Everything that may be run by a definition."""
    found, waiting = set[Place](), [start]
    while waiting:
        place = waiting.pop()
        if place not in found:
            found.add(place)
            waiting += named_in(place)
    return frozenset(found)


def place_of(act: Callable[..., Any]) -> Place:
    """Where a function of the wiring is defined, also one with some arguments given."""
    inner = act.func if isinstance(act, partial) else act
    found = resolved((inner.__module__, inner.__name__))
    assert found is not None, f"{inner} cannot be followed"
    return found


def begins(act: Callable[..., Any]) -> bool:
    """Whether a tandem may run after it."""
    return not reached_from(place_of(act)).isdisjoint(BEGIN)


def routes() -> list[tuple[str, Callable[..., Any], Needed]]:
    """Path, endpoint and need of every route."""
    found = []
    for router in ROUTERS:
        for route in router.routes:
            assert isinstance(route, APIRoute)
            needed = next(one.dependency for one in route.dependencies if isinstance(one.dependency, Needed))
            found.append((route.path, route.endpoint, needed))
    return found


def test_only_these_make_a_tandem_run() -> None:
    calls = {"places.take", "TANDEMS.save"}
    writing = {
        (module.name, name)
        for module in modules().values()
        for name, node in module.defined.items()
        if any(isinstance(one, ast.Call) and ast.unparse(one.func) in calls for one in ast.walk(node))
    }
    others = {name for _, name in writing - BEGIN}
    assert writing >= BEGIN
    assert others == {"end_tandem", "undo_decision", "move_tandem"}, "these end a tandem, or move one that runs"


def test_every_route_to_a_tandem_needs_a_person_who_may_decide_or_pair() -> None:
    reaching = {path.rpartition("/")[2]: needed.permission for path, act, needed in routes() if begins(act)}
    expected = {"tandems", "{proposal_id}:accept", "{tandem_id}:reopen", "proposals:decide"}
    assert set(reaching) == expected, "whoever adds a way to a tandem says so here, and why a person goes it"
    assert set(reaching.values()) == {DECIDE, PAIR}
    assert all(permission.roles == {"coordinator"} for permission in reaching.values())


@pytest.mark.parametrize("path", ["/v1/cities/{city}/rounds"])
def test_round_reaches_no_tandem(path: str) -> None:
    acts = [act for found, act, _ in routes() if found == path]
    assert len(acts) >= 2
    assert [act for act in acts if begins(act)] == []


def test_no_night_and_no_event_reaches_a_tandem() -> None:
    assert SERVICE.nightly
    assert SERVICE.reactions
    acts: list[Callable[..., Any]] = [
        *SERVICE.nightly.values(),
        *SERVICE.minutely.values(),
        *SERVICE.reactions.values(),
    ]
    assert [act for act in acts if begins(act)] == []
    assert all(len(reached_from(place_of(act))) > 3 for act in acts), "the walk follows them"


def test_walk_goes_through_imports_tables_and_what_is_handed_on() -> None:
    act = ("services.matching.api.many", "decide_each")
    reached = reached_from(act)
    assert ("services.matching.api.many", "_ACTS") in reached
    assert ("services.matching.api.deciding", "accepting") in reached
    assert ("services.matching.commands.begin_tandem", "accept_proposal") in reached
    assert reached >= {("services.matching.commands.begin_tandem", "begin_tandem")}
    rejecting = reached_from(("services.matching.api.deciding", "rejecting"))
    assert ("services.matching.commands.decide", "reject_proposal") in rejecting
    assert rejecting.isdisjoint(BEGIN)
