"""Programmes: their period, their qualification, their topics, and what they still take."""

from dataclasses import dataclass, replace
from datetime import date, timedelta

from shared.kernel.dates import Period
from shared.kernel.errors import Conflict, Finding, Refused
from shared.kernel.sealed import Sealed

BY_DECISION = "by_decision"
AUTOMATIC = "automatic"


@dataclass(frozen=True, slots=True)
class Module:
    """A part of the qualification and what passing it qualifies for; ``special`` are tokens of special topics."""

    code: str
    title: str
    partner: str | None = None
    required: bool = True
    topics: tuple[str, ...] = ()
    special: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Target:
    """What the funder expects of an indicator."""

    indicator: str
    at_least: int | None = None
    at_most: int | None = None
    by: str | None = None


@dataclass(frozen=True, slots=True)
class CaseDecision:
    """Why a case may stay open though its programme ends: an id and a reason's code."""

    case: str
    reason: str


@dataclass(frozen=True, slots=True)
class Programme:
    """A programme; ``id`` is its slug, ``[begin, until)`` its period.

    ``special_topics`` are tokens; their codes, and the telling name of a programme of special kind, are in ``sealed``.
    ``over`` says that it has ended on a day that nobody knows.
    """

    id: str
    name: str
    special: bool = False
    begin: str | None = None
    until: str | None = None
    begin_as_stated: str | None = None
    origin: str | None = None
    framework: str | None = None
    funders: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    special_topics: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    activities: tuple[str, ...] = ()
    modules: tuple[Module, ...] = ()
    certification: str = BY_DECISION
    targets: tuple[Target, ...] = ()
    sites: tuple[str, ...] = ()
    over: bool = False
    ending_since: str | None = None
    closed_on: str | None = None
    decided: tuple[CaseDecision, ...] = ()
    sealed: Sealed | None = None
    version: int = 0

    @property
    def period(self) -> Period:
        """The days of the programme."""
        return Period(self.begin, self.until)

    @property
    def period_in_words(self) -> str:
        """The period with its last day: half-open in data, inclusive in words."""
        last = "" if self.until is None else (date.fromisoformat(self.until) - timedelta(days=1)).isoformat()
        return f"{self.begin or ''} … {last}".strip()

    def state(self, day: str) -> str:
        """``planned``, ``running``, ``ending`` (nothing new, cases are open) or ``ended``, on that day."""
        if self.over or self.closed_on is not None:
            return "ended"
        if self.ending_since is not None:
            return "ending"
        if self.begin is not None and day < self.begin:
            return "planned"
        return "ended" if self.until is not None and day >= self.until else "running"

    def require_inside(self, day: str, pointer: str) -> None:
        """Raises ``Refused("outside-programme")`` with the period for what would begin outside of it."""
        if (self.over and self.until is None) or day not in self.period:
            raise Refused("outside-programme", (Finding(pointer, "outside-programme", self.period_in_words),))

    def require_topics(self, codes: tuple[str, ...], pointer: str) -> None:
        """Raises ``Refused("unknown-topic")`` for what the programme, where it lists topics, does not have."""
        unknown = [number for number, code in enumerate(codes) if self.topics and code not in self.topics]
        if unknown:
            findings = tuple(Finding(f"{pointer}/{number}", "unknown-topic") for number in unknown)
            raise Refused("unknown-topic", findings)


def plan(programme: Programme) -> Programme:
    """The programme as it is first kept. Raises ``Refused`` for an empty period or a module named twice."""
    if programme.begin is not None and programme.until is not None and programme.begin >= programme.until:
        raise Refused("empty-period", (Finding("/until", "empty-period", f"> {programme.begin}"),))
    codes = [module.code for module in programme.modules]
    twice = [number for number, code in enumerate(codes) if code in codes[:number]]
    if twice:
        raise Refused("used-twice", tuple(Finding(f"/modules/{number}/code", "used-twice") for number in twice))
    return programme


def end(programme: Programme, until: str, today: str, decided: tuple[CaseDecision, ...], open_cases: int) -> Programme:
    """Nothing new from ``until`` on; ended at once where no case is open, else *ending*.

    Raises ``Conflict("already-ended")``, and ``Refused("empty-period")`` for an end before the beginning.
    """
    if programme.over or programme.closed_on is not None:
        raise Conflict("already-ended")
    ending = replace(programme, until=until, ending_since=programme.ending_since or today, decided=decided)
    return settle(plan(ending), today, open_cases)


def settle(programme: Programme, today: str, open_cases: int) -> Programme:
    """Closes an ending programme that has no open case any more."""
    if programme.ending_since is None or programme.closed_on is not None or open_cases:
        return programme
    return replace(programme, closed_on=today)
