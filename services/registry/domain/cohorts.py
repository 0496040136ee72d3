"""Cohorts (Qualifizierungsjahrgänge): what is taught where and when, who has a place, and who waits for one."""

from dataclasses import dataclass, replace

from services.registry.domain.places import Programme
from shared.kernel.classified import classified
from shared.kernel.errors import Conflict, Finding, Refused


@classified(public="date begin until place")
@dataclass(frozen=True, slots=True)
class Session:
    """One date of a module; wall-clock times, a place in words."""

    date: str
    begin: str | None = None
    until: str | None = None
    place: str | None = None


@classified(public="code minutes partner sessions")
@dataclass(frozen=True, slots=True)
class ModulePlan:
    """How a cohort teaches one module of its programme; ``partner`` where it is not the programme's.

    Whether it is required is the programme's alone to say, so that all its cohorts certify the same.
    """

    code: str
    minutes: int | None = None
    partner: str | None = None
    sessions: tuple[Session, ...] = ()


@classified(public="name opened_on plan", internal="id programme enrolled version places", personal="waiting")
@dataclass(frozen=True, slots=True)
class Cohort:
    """A qualification that runs. ``places`` is how many it takes, ``None`` any number; who waits comes in turn."""

    id: str
    programme: str
    name: str
    opened_on: str
    enrolled: int = 0
    version: int = 0
    places: int | None = None
    waiting: tuple[str, ...] = ()
    """The engagements that wait for a place, the next one first."""
    plan: tuple[ModulePlan, ...] = ()

    @property
    def free(self) -> int | None:
        """How many places are left; ``None`` for any number."""
        return None if self.places is None else self.places - self.enrolled

    def plan_of(self, module: str) -> ModulePlan:
        """How a module is taught here."""
        return next((plan for plan in self.plan if plan.code == module), ModulePlan(module))

    def after(self, former: "Cohort") -> "Cohort":
        """With the places and the plan of a former one where it has none of its own; days and rooms are new ones'."""
        plan = tuple(replace(module, sessions=()) for module in former.plan)
        return replace(self, places=former.places if self.places is None else self.places, plan=self.plan or plan)

    def joined(self, engagement: str) -> "Seating":
        """With a place for her, or behind all others who wait for one. Raises ``Conflict("already-waiting")``."""
        if engagement in self.waiting:
            raise Conflict("already-waiting")
        if self.free == 0:
            return Seating(replace(self, waiting=(*self.waiting, engagement)))
        return Seating(replace(self, enrolled=self.enrolled + 1), (engagement,))

    def vacated(self) -> "Seating":
        """With the place of somebody who left, for whoever waits."""
        return replace(self, enrolled=self.enrolled - 1).filled()

    def no_longer_waiting(self, engagement: str) -> "Cohort":
        """Without her on the waiting list. Raises ``Conflict("not-in-cohort")`` where she is not on it."""
        if engagement not in self.waiting:
            raise Conflict("not-in-cohort")
        return replace(self, waiting=tuple(other for other in self.waiting if other != engagement))

    def with_places(self, places: int | None) -> "Seating":
        """With another number of places; more of them are for whoever waits. Raises ``Refused`` for too few."""
        if places is not None and places < self.enrolled:
            raise Refused("invalid", (Finding("/places", "too-small", f">= {self.enrolled}"),))
        return replace(self, places=places).filled()

    def filled(self) -> "Seating":
        """With the free places given to those who wait, in turn."""
        number = len(self.waiting) if self.free is None else min(self.free, len(self.waiting))
        up, waiting = self.waiting[:number], self.waiting[number:]
        return Seating(replace(self, enrolled=self.enrolled + number, waiting=waiting), up)

    def require_plan(self, programme: Programme) -> None:
        """Raises ``Refused`` for what the programme does not teach, twice the same, and days outside."""
        codes = [module.code for module in programme.teaching(self.opened_on).modules]
        for number, plan in enumerate(self.plan):
            if plan.code not in codes:
                raise Refused("invalid", (Finding(f"/plan/{number}/code", "not-one-of", ", ".join(codes)),))
            if plan.code in [other.code for other in self.plan[:number]]:
                raise Refused("invalid", (Finding(f"/plan/{number}/code", "used-twice"),))
            for place, session in enumerate(plan.sessions):
                self._require_session(programme, session, f"/plan/{number}/sessions/{place}")

    def _require_session(self, programme: Programme, session: Session, pointer: str) -> None:
        programme.require_open(session.date, f"{pointer}/date")
        if session.date < self.opened_on:
            raise Refused("invalid", (Finding(f"{pointer}/date", "too-early", f">= {self.opened_on}"),))
        if session.begin is not None and session.until is not None and session.until <= session.begin:
            raise Refused("invalid", (Finding(f"{pointer}/until", "too-early", f"> {session.begin}"),))


@classified(internal="cohort", personal="seated")
@dataclass(frozen=True, slots=True)
class Seating:
    """A cohort after a change, and who has got a place by it, in turn."""

    cohort: Cohort
    seated: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """The cohort's."""
        return self.cohort.id

    @property
    def version(self) -> int:
        """The cohort's."""
        return self.cohort.version
