"""Proofs (Nachweise): which ones a role needs, how old they may be, and until when somebody has what is needed.

As opposed to the engagement, which knows what was shown: here is what is asked for, by day and as it was known.
"""

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from shared.kernel.classified import classified
from shared.kernel.dates import Dated, value_on, with_value

Sites = tuple[Dated[str], ...]

CLEARANCE: Final = "clearance"
"""The extended certificate of good conduct; it is shown for one engagement, and kept with it."""
FURTHER: Final = ("confidentiality", "measles", "self_commitment", "child_protection")
"""What is kept with the person, and counts for all her engagements."""
CLEARANCE_MONTHS: Final = 60
_ANY_AGE: Final = 12_000
NEVER: Final = "9999-12-31"
"""The end of what does not end."""


@classified(internal="kind dated_on seen_on recorded_at version", personal="id person seen_by")
@dataclass(frozen=True, slots=True)
class Proof:
    """That a proof was seen: which one, of which day, when and by whom; never its content."""

    id: str
    person: str
    kind: str
    dated_on: str
    seen_on: str
    seen_by: str
    recorded_at: str = ""
    version: int = 0


@classified(internal="kind dated_on")
@dataclass(frozen=True, slots=True)
class Held:
    """The day of a proof that somebody has."""

    kind: str
    dated_on: str


@classified(internal="kind months")
@dataclass(frozen=True, slots=True)
class Need:
    """A proof that a role needs; ``months`` is how old it may be, ``None`` for any age."""

    kind: str
    months: int | None = None

    def until(self, dated_on: str) -> str:
        """The day from which a proof of that day holds no longer. A clearance always ends: after five years."""
        months = CLEARANCE_MONTHS if self.months is None and self.kind == CLEARANCE else self.months
        return NEVER if months is None else months_after(dated_on, months)


DEFAULT_NEEDS: Final = (Need(CLEARANCE, CLEARANCE_MONTHS),)
"""What a role needs of which nobody has said anything."""


@classified(internal="role since needs recorded_at site")
@dataclass(frozen=True, slots=True)
class RoleRule:
    """What a role needs from a day on, as it was recorded at an instant; nothing at all is possible.

    With a ``site``: what it needs there besides, such as measles in a Kita (§ 20 Absatz 8 IfSG).
    """

    role: str
    since: str
    needs: tuple[Need, ...]
    recorded_at: str
    site: str | None = None


@classified(internal="recorded unused_months kept_months")
@dataclass(frozen=True, slots=True)
class ProofRules:
    """A programme's rules, in the order in which they were recorded; and for how long what was shown is kept.

    ``unused_months``: after a clearance was seen, where nothing came of it. ``kept_months``: after the engagement.
    """

    recorded: tuple[RoleRule, ...] = ()
    unused_months: int = 6
    kept_months: int = 3

    def with_rule(self, rule: RoleRule) -> "ProofRules":
        """One rule more; nothing that was recorded before is changed."""
        return replace(self, recorded=(*self.recorded, rule))

    def timeline(
        self, role: str, known_at: str | None = None, site: str | None = None
    ) -> tuple[Dated[tuple[Need, ...]], ...]:
        """What the role needs by date, as known at an instant (now where left out); with ``site`` what only there.

        Of two rules for the same day the one recorded later holds.
        """
        found: tuple[Dated[tuple[Need, ...]], ...] = ()
        for rule in self.recorded:
            if (rule.role, rule.site) == (role, site) and (known_at is None or rule.recorded_at <= known_at):
                found = with_value(found, rule.since, rule.needs)
        return found

    def needs(self, role: str, day: str, known_at: str | None = None, sites: Sites = ()) -> tuple[Need, ...]:
        """What the role needs on a day, at the site of that day; ``DEFAULT_NEEDS`` before its first rule."""
        own = _last(self.timeline(role, known_at), day, DEFAULT_NEEDS)
        site = value_on(sites, day)
        there = () if site is None else _last(self.timeline(role, known_at, site), day, ())
        kinds = dict.fromkeys(need.kind for need in (*own, *there))
        return tuple(min((need for need in (*own, *there) if need.kind == kind), key=_strictness) for kind in kinds)

    def changes(self, role: str, sites: Sites) -> tuple[str, ...]:
        """The days on which something else is needed of somebody with this history of sites, in their order."""
        days = {entry.since for entry in self.timeline(role)}
        there = [entry for site in {entry.value for entry in sites} for entry in self.timeline(role, site=site)]
        if there:
            days |= {entry.since for entry in there} | {entry.since for entry in sites}
        return tuple(sorted(days))

    def until(self, role: str, day: str, held: Mapping[str, str], sites: Sites = ()) -> str | None:
        """The first day without all that is needed, looking ahead from ``day``; ``NEVER`` where there is none.

        ``None`` where something was never shown; a day up to ``day`` where something has ended. ``held`` has the days
        of the proofs by kind.
        """
        begins = [day, *(since for since in self.changes(role, sites) if since > day)]
        for begin, end in zip(begins, [*begins[1:], NEVER], strict=True):
            last = _earliest(self.needs(role, begin, None, sites), held)
            if begin == day and (last is None or last <= day):
                return last
            if last is None or last <= begin:
                return begin
            if last < end:
                return last
        return NEVER


def newest(proofs: tuple[Held, ...]) -> dict[str, str]:
    """The day of the newest proof of each kind."""
    return {held.kind: held.dated_on for held in sorted(proofs, key=lambda held: held.dated_on)}


def months_after(day: str, months: int) -> str:
    """The same day some months later, or the last of that month."""
    begin = date.fromisoformat(day)
    index = begin.month - 1 + months
    year, month = begin.year + index // 12, index % 12 + 1
    return date(year, month, min(begin.day, monthrange(year, month)[1])).isoformat()


def _last(timeline: tuple[Dated[tuple[Need, ...]], ...], day: str, first: tuple[Need, ...]) -> tuple[Need, ...]:
    return [first, *(entry.value for entry in timeline if entry.since <= day)][-1]


def _strictness(need: Need) -> int:
    """How old it may be, in months, to sort by."""
    months = CLEARANCE_MONTHS if need.months is None and need.kind == CLEARANCE else need.months
    return _ANY_AGE if months is None else months


def _earliest(needs: tuple[Need, ...], held: Mapping[str, str]) -> str | None:
    """The earliest end of what is needed; ``None`` where something is missing."""
    if any(need.kind not in held for need in needs):
        return None
    return min((need.until(held[need.kind]) for need in needs), default=NEVER)
