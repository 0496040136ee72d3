"""Modules: the parts of a qualification, and the map from them to topics."""

from collections.abc import Iterable
from dataclasses import dataclass

from shared.kernel.classified import classified
from shared.kernel.errors import Finding, Refused


@classified(public="code title partner required topics", special="special")
@dataclass(frozen=True, slots=True)
class Module:
    """A part of a qualification, and the topics that passing it qualifies for."""

    code: str
    title: str
    partner: str | None = None
    required: bool = True
    topics: tuple[str, ...] = ()
    special: tuple[str, ...] = ()
    """Tokens of special topics."""


def require_modules(modules: Iterable[Module]) -> None:
    """Raises ``Refused`` for a code that is used twice."""
    seen: set[str] = set()
    for number, module in enumerate(modules):
        if module.code in seen:
            raise Refused("invalid", (Finding(f"/modules/{number}/code", "used-twice"),))
        seen.add(module.code)
