"""Whom a due thing waits for: who has a role on the day, who stands in, and who is asked when nobody has looked.

As opposed to what is due: this knows days and roles only, and nothing of the thing that waits.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

from services.registry.domain.roles import RoleHeld
from shared.kernel.classified import classified

WaitsFor = Literal["coordinator", "deputy", "lead"]
COORDINATOR: Final = "coordinator"
DEPUTY: Final = "deputy"
LEAD: Final = "lead"

DEPUTY_AFTER_DAYS: Final = 7
"""So many days after a thing became due, and still open, a deputy is asked as well."""
LEAD_AFTER_DAYS: Final = 14


@classified(internal="waits_for", personal="responsible also")
@dataclass(frozen=True, slots=True)
class Waiting:
    """Who is asked now, and ``also`` everybody for whom it waits besides: who is asked later takes it from nobody.

    ``responsible`` is ``None`` where nobody is named.
    """

    waits_for: WaitsFor
    responsible: str | None
    also: tuple[str, ...] = ()

    def is_for(self, person: str) -> bool:
        """Whether it waits for that person, asked now or before."""
        return person == self.responsible or person in self.also

    @property
    def people(self) -> tuple[str, ...]:
        """All of them, who is asked now first."""
        return self.also if self.responsible is None else (self.responsible, *self.also)


def waiting(roles: Iterable[RoleHeld], due_on: str, day: str) -> Waiting:
    """Whom something of one programme waits for on ``day``.

    Its coordinator; on the days of a deputy that has a last day, she. Then, where somebody is named, also a deputy
    whose days are not over, and at last the lead. Of several in one role it is first who has it longest.
    """
    held = sorted(roles, key=lambda one: (one.since, one.person))
    late = (date.fromisoformat(day) - date.fromisoformat(due_on)).days
    level: WaitsFor
    level, asked = _in_charge(held, COORDINATOR, day)
    if late >= DEPUTY_AFTER_DAYS:
        named = _people(held, COORDINATOR, lambda one: one.deputy and _not_over(one, day))
        # Who stands in already stays the one who is asked.
        ordered = [*asked, *named] if level == DEPUTY else [*named, *asked]
        level, asked = (DEPUTY, ordered) if named else (level, asked)
    if late >= LEAD_AFTER_DAYS:
        _, leads = _in_charge(held, LEAD, day)
        level, asked = (LEAD, [*leads, *asked]) if leads else (level, asked)
    return _of(level, asked)


def waiting_in_all(programmes: Iterable[Iterable[RoleHeld]], due_on: str, day: str) -> Waiting:
    """As ``waiting``, for what concerns several: asked is the first of them that names somebody, the others as well."""
    each = [waiting(roles, due_on, day) for roles in programmes]
    named = [one for one in each if one.responsible is not None]
    level: WaitsFor = named[0].waits_for if named else COORDINATOR
    return _of(level, [person for one in named for person in one.people])


def _in_charge(held: list[RoleHeld], role: str, day: str) -> tuple[WaitsFor, list[str]]:
    """Who stands in on the day, else who has the role, else the deputy without a last day: she is always there."""
    here = [one for one in held if one.held_on(day)]
    standing_in = _people(here, role, lambda one: one.deputy and one.until is not None)
    if standing_in:
        return DEPUTY, standing_in
    own = _people(here, role, lambda one: not one.deputy)
    if own:
        return COORDINATOR, own
    deputies = _people(here, role, lambda one: one.deputy)
    return (DEPUTY if deputies else COORDINATOR), deputies


def _people(held: list[RoleHeld], role: str, which: Callable[[RoleHeld], bool]) -> list[str]:
    return [one.person for one in held if one.role == role and which(one)]


def _not_over(one: RoleHeld, day: str) -> bool:
    return one.until is None or day < one.until


def _of(level: WaitsFor, people: list[str]) -> Waiting:
    """Each person once."""
    asked = tuple(dict.fromkeys(people))
    return Waiting(level, asked[0] if asked else None, asked[1:])
