"""Whatever happens in whatever order: places, waiting list, attendance and certification stay true to each other."""

from collections.abc import Callable
from dataclasses import replace

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from services.registry.domain.certificates import require_certified
from services.registry.domain.cohorts import Cohort, Seating
from services.registry.domain.engagements import Engagement
from services.registry.domain.modules import Module
from services.registry.domain.outcomes import Attendance, days_passed
from services.registry.domain.places import Programme
from shared.kernel.errors import DomainError

MODULES = ("health", "violence", "rest")
REQUIRED = frozenset({"health", "violence"})
TRAINEES = tuple(f"eng_{number}" for number in range(5))
DAYS = tuple(f"2026-01-{day:02d}" for day in range(5, 25))
TODAY = "2026-01-31"
STATES = ("present", "excused", "absent", "made_up")
PASSES = frozenset({"present", "made_up"})

Trainee = st.sampled_from(TRAINEES)
ModuleCode = st.sampled_from(MODULES)


def refusal_of(act: Callable[[], object]) -> str | None:
    """The code that an act is refused with, ``None`` where it is done."""
    try:
        act()
    except DomainError as refusal:
        return refusal.code
    return None


class Qualification(RuleBasedStateMachine):
    """The domain beside a model so plain that it can be believed: lists, sets and a dictionary."""

    @initialize(automatic=st.booleans(), places=st.one_of(st.none(), st.integers(1, 4)))
    def open(self, automatic: bool, places: int | None) -> None:
        """A programme with an optional module, a cohort, and five who are interested."""
        modules = tuple(Module(code, code, required=code in REQUIRED) for code in MODULES)
        policy = "automatic" if automatic else "by_decision"
        self.programme = Programme("p", "P", modules=modules, certification=policy)
        self.cohort = Cohort("coh_1", "p", "C", "2026-01-01", places=places)
        self.engagements = {
            key: Engagement(key, f"per{key[3:]}", "p", "mother", "2026-01-01", first=True) for key in TRAINEES
        }
        self.attendances: dict[tuple[str, str], Attendance] = {}
        self.seats: list[str] = []
        self.queue: list[str] = []
        self.certified: set[str] = set()
        self.gone: set[str] = set()

    def _settle(self, seating: Seating) -> None:
        """As the commands do: whoever has got a place is enrolled."""
        self.cohort = seating.cohort
        for key in seating.seated:
            self.engagements[key] = replace(self.engagements[key], cohort=self.cohort.id)

    def _fill(self) -> None:
        """The model's own way to move up."""
        while self.queue and (self.cohort.places is None or len(self.seats) < self.cohort.places):
            self.seats.append(self.queue.pop(0))

    @rule(key=Trainee)
    def enrol(self, key: str) -> None:
        """She takes a place or waits; once."""
        known = key in self.seats or key in self.queue or key in self.gone
        if self.engagements[key].cohort is not None or key in self.gone:
            return
        refused = refusal_of(lambda: self._settle(self.cohort.joined(key)))
        assert refused == ("already-waiting" if known else None)
        if refused is None:
            self.queue.append(key)
            self._fill()

    @rule(key=Trainee)
    def leave_cohort(self, key: str) -> None:
        """She goes, from her place or from the list; who is certified keeps the place."""
        if key in self.queue:
            self.queue.remove(key)
            self.cohort = self.cohort.no_longer_waiting(key)
        elif key in self.seats and key not in self.certified:
            self.seats.remove(key)
            self.engagements[key] = replace(self.engagements[key], cohort=None)
            self._settle(self.cohort.vacated())
            self._fill()

    @rule(places=st.one_of(st.none(), st.integers(1, 5)))
    def change_places(self, places: int | None) -> None:
        """More places are filled at once, too few are refused."""
        too_few = places is not None and places < len(self.seats)
        refused = refusal_of(lambda: self._settle(self.cohort.with_places(places)))
        assert refused == ("invalid" if too_few else None)
        self._fill()

    @precondition(lambda self: self.seats)
    @rule(key=Trainee, module=ModuleCode, day=st.sampled_from(DAYS), state=st.sampled_from(STATES), later=st.booleans())
    def attend(self, key: str, module: str, day: str, state: str, later: bool) -> None:
        """The entry of a module is made or corrected; the qualification follows from all of them."""
        if key not in self.seats or key in self.gone:
            return
        made_up_on = "2026-01-30" if later and state == "made_up" else None
        place = (key, module)
        values = {"date": day, "state": state, "made_up_on": made_up_on}
        if place in self.attendances:
            self.attendances[place] = self.attendances[place].corrected(values, TODAY)
        else:
            new = Attendance(f"att_{len(self.attendances)}", "coh_1", key, "p", module, day, state, 60)
            self.attendances[place] = replace(new, made_up_on=made_up_on).checked(TODAY)
        days = days_passed(entry for entry in self.attendances.values() if entry.engagement == key)
        before = self.engagements[key]
        if tuple(days) != before.passed:
            required = [days[code] for code in REQUIRED if code in days]
            last = max(required, default=TODAY)
            self.engagements[key] = before.with_passed(tuple(days), self.programme, last)
        if self.programme.certification == "automatic" and self._passed(key) >= REQUIRED:
            self.certified.add(key)

    @rule(key=Trainee)
    def certify(self, key: str) -> None:
        """A decision: refused without every required module, or twice."""
        complete = self._passed(key) >= REQUIRED
        allowed = complete and key not in self.certified and key not in self.gone

        def decide() -> None:
            self.engagements[key] = self.engagements[key].certified(TODAY, self.programme)

        refused = refusal_of(decide)
        assert (refused is None) == allowed
        if allowed:
            self.certified.add(key)
        elif key not in self.gone and key not in self.certified:
            assert refused == "qualification"

    @rule(key=Trainee)
    def issue(self, key: str) -> None:
        """A certificate is for who is certified and has every required module still."""
        refused = refusal_of(lambda: require_certified(self.engagements[key], self.programme))
        if key not in self.certified:
            assert refused == "not-certified"
        else:
            assert refused == (None if self._passed(key) >= REQUIRED else "qualification")

    @rule(key=Trainee)
    def leave(self, key: str) -> None:
        """Her engagement ends; an unfinished place is free."""
        if key in self.gone:
            return
        self.leave_cohort(key)
        self.engagements[key] = self.engagements[key].left(TODAY, "moved_away")
        self.gone.add(key)

    def _passed(self, key: str) -> frozenset[str]:
        return frozenset(
            module for (of, module), entry in self.attendances.items() if of == key and entry.state in PASSES
        )

    @invariant()
    def places_are_kept(self) -> None:
        """Nobody has two, nobody is passed over, and nobody waits while one is free."""
        if not hasattr(self, "cohort"):
            return
        assert self.cohort.waiting == tuple(self.queue)
        assert self.cohort.enrolled == len(self.seats) == len(set(self.seats))
        assert {key for key, one in self.engagements.items() if one.cohort} == set(self.seats)
        assert not set(self.seats) & set(self.queue)
        if self.cohort.places is not None:
            assert self.cohort.enrolled <= self.cohort.places
        assert not self.queue or self.cohort.free == 0

    @invariant()
    def qualification_follows_from_attendance(self) -> None:
        """Passed, missing, complete and certified say the same as the entries."""
        for key, one in getattr(self, "engagements", {}).items():
            passed = self._passed(key)
            assert frozenset(one.passed) == passed
            assert (one.complete_since is not None) == (passed >= REQUIRED)
            assert (one.certified_on is not None) == (key in self.certified)
            expected = {"left"} if key in self.gone else {"certified"} if key in self.certified else None
            stage = one.stage(self.programme, TODAY)
            assert stage in (expected or {"interested", "in_qualification", "qualified"})
            if key not in self.certified:
                assert one.qualified(self.programme) == ()


Qualification.TestCase.settings = settings(max_examples=1000, stateful_step_count=25, deadline=None)
TestQualification = Qualification.TestCase
