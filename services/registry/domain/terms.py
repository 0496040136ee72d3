"""Terms of a programme: what changes while it runs, on two time axes."""

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from typing import Any, Final

from services.registry.domain.modules import Module
from shared.kernel.classified import classified
from shared.kernel.errors import Conflict, Finding, Refused
from shared.kernel.recorded import Recorded, valid

EVER: Final = "0001-01-01"
"""The day from which the terms hold that a programme was provided with: there is none before."""
MOST: Final = 50
"""Entries of one history: all of it travels in one event."""


@classified(public="indicator at_least at_most by for_whom")
@dataclass(frozen=True, slots=True)
class Target:
    """What the funder expects of an indicator: at least, at most, or both; for whom, and by which day."""

    indicator: str
    at_least: int | None = None
    at_most: int | None = None
    by: str | None = None
    for_whom: str | None = None


@classified(public="topics services activities targets funders certification modules")
@dataclass(frozen=True, slots=True)
class Terms:
    """What was agreed from a day on; ``None`` leaves a field as it was."""

    topics: tuple[str, ...] | None = None
    services: tuple[str, ...] | None = None
    activities: tuple[str, ...] | None = None
    targets: tuple[Target, ...] | None = None
    funders: tuple[str, ...] | None = None
    certification: str | None = None
    modules: tuple[Module, ...] | None = None


FIELDS: Final = tuple(field.name for field in fields(Terms))


def terms_on(entries: tuple[Recorded[Terms], ...], day: str, known_at: str | None = None) -> dict[str, Any]:
    """The fields that hold on a day, as known at an instant; none where nothing was known of one."""
    found: dict[str, Any] = {}
    for name in FIELDS:
        value = valid(_of(entries, name), day, known_at)
        if value is not None:
            found[name] = value
    return found


def stated_from(entries: tuple[Recorded[Terms], ...], present: Terms) -> tuple[Recorded[Terms], ...]:
    """The entries, the first one with what ``present`` has of fields that none of them states.

    Such a field had no history when they were recorded: what the programme has of it has held ever since.
    """
    if not entries:
        return ()
    first = entries[0]
    unstated = {name: getattr(present, name) for name in FIELDS if not _of(entries, name)}
    return (replace(first, value=replace(first.value, **unstated)), *entries[1:])


def require_room(entries: tuple[Recorded[Any], ...]) -> None:
    """Raises ``Conflict("too-many-versions")`` where a history takes no further entry."""
    if len(entries) >= MOST:
        raise Conflict("too-many-versions")


def require_targets(targets: Iterable[Target], *, special: bool) -> None:
    """Raises ``Refused`` for a range that holds nothing, and for a group of a programme that must tell none."""
    for number, target in enumerate(targets):
        if target.at_least is not None and target.at_most is not None and target.at_least > target.at_most:
            raise Refused("invalid", (Finding(f"/targets/{number}/at_most", "too-small", f">= {target.at_least}"),))
        if special and target.for_whom is not None:
            expected = "nothing, in a programme of special kind"
            raise Refused("invalid", (Finding(f"/targets/{number}/for_whom", "not-one-of", expected),))


def _of(entries: tuple[Recorded[Terms], ...], name: str) -> list[Recorded[Any]]:
    stated = ((entry, getattr(entry.value, name)) for entry in entries)
    return [replace(entry, value=value) for entry, value in stated if value is not None]
