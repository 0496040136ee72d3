"""Whatever happens in whatever order: no tandem without the yes of both, no place twice, nothing decided in silence."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from services.matching.domain.known import Where
from services.matching.domain.places import Places
from services.matching.domain.proposals import ACCEPTED, DRAFT, EXPIRED, LIVE, PROPOSED, REJECTED, Proposal
from services.matching.domain.reasons import CODES, SIDES, UNDONE, OneOfTwo, side_of
from services.matching.domain.tandems import PAUSED, Phase, Step, Tandem, counted_at
from shared.kernel.clock import write_instant
from shared.kernel.errors import Conflict, DomainError, Refused

DAY = "2026-01-15"
MENTORS, FAMILIES = ("eng_a", "eng_b"), ("ptc_a", "ptc_b", "ptc_c")
Mentor, Family, Number = st.sampled_from(MENTORS), st.sampled_from(FAMILIES), st.integers(0, 20)
PHASES: tuple[Phase, ...] = ("trial", "active", "paused")


class Deciding(RuleBasedStateMachine):
    """The aggregates as the commands put them together, beside a log of who said yes."""

    def __init__(self) -> None:
        super().__init__()
        self.moment = datetime(2026, 1, 15, 9, tzinfo=UTC)
        self.proposals: list[Proposal] = []
        self.tandems: dict[str, Tandem] = {}
        self.places = {key: Places(key) for key in (*MENTORS, *FAMILIES)}
        self.capacity = dict.fromkeys(MENTORS, 1)
        self.said: dict[str, set[str]] = {}
        self.recounted: dict[str, int] = {}

    @property
    def now(self) -> str:
        return write_instant(self.moment)

    @rule(mentor=Mentor, family=Family)
    def draft(self, mentor: str, family: str) -> None:
        pair = (mentor, family)
        if any((one.engagement, one.participation) == pair and one.is_live for one in self.proposals):
            return
        key = f"prp_{len(self.proposals)}"
        self.proposals.append(Proposal(key, "rnd", "p", DAY, mentor, family, {"total": 1}, (), drafted_at=self.now))
        self.said[key] = set()

    @rule(number=Number, days=st.integers(0, 3))
    def tell(self, number: int, days: int) -> None:
        self._decide(number, lambda one: one.told(DAY, f"2026-01-{15 + days}", self.now))

    @rule(number=Number, side=st.sampled_from(SIDES))
    def answer(self, number: int, side: OneOfTwo) -> None:
        if self._decide(number, lambda one: one.answered(side, DAY, self.now)):
            self.said[self._of(number).id].add(side)

    @rule(number=Number)
    def reject(self, number: int) -> None:
        self._decide(number, lambda one: one.rejected("declined_by_family", None, self.now, "family"))

    @rule(number=Number)
    def expire(self, number: int) -> None:
        self._decide(number, lambda one: one.expired("no_answer", self.now))

    @rule(number=Number, both=st.booleans())
    def accept(self, number: int, both: bool) -> None:
        if not self.proposals:
            return
        one, key = self._of(number), f"tan_{len(self.tandems)}"
        asked = one.with_yes_of_both(DAY, self.now) if both else one
        try:
            accepted = asked.accepted(key, self.now)
            mentor = self.places[one.engagement].with_family(key, self.capacity[one.engagement])
            family = self.places[one.participation].with_mentor(key)
        except DomainError:
            return
        assert both or self.said[one.id] == set(SIDES)
        self._put(number, accepted)
        self.places |= {mentor.id: mentor, family.id: family}
        counted = counted_at(DAY, "p", Where())
        steps = (Step("introduction", DAY, self.now),)
        self.tandems[key] = Tandem(key, mentor.id, family.id, counted, self.now, one.id, steps=steps)
        self.recounted[key] = 0

    @rule(number=Number)
    def undo(self, number: int) -> None:
        if not self.proposals:
            return
        one = self._of(number)
        try:
            undone = one.undone(self.now)
            if one.tandem is not None:
                self._end(self.tandems[one.tandem].undone(self.now))
        except DomainError:
            return
        assert self.moment - datetime.fromisoformat(str(one.decided_at)) <= timedelta(days=14)
        self._put(number, undone)
        self.said[one.id] = set()

    @rule(number=Number, to=st.sampled_from(PHASES))
    def move(self, number: int, to: Phase) -> None:
        self._change(number, lambda one: one.moved(to, DAY, self.now))

    @rule(number=Number)
    def resume(self, number: int) -> None:
        def run(one: Tandem) -> Tandem:
            resumed = one.resumed(DAY, self.now)
            assert (one.phase, resumed.phase) == (PAUSED, one.steps[-2].phase)
            return resumed

        self._change(number, run)

    @rule(number=Number)
    def end(self, number: int) -> None:
        if self.tandems:
            one = self._tandem(number)
            if one.runs:
                self._end(one.ended(DAY, "no_contact", self.now, "mentor"))

    @rule(number=Number)
    def reopen(self, number: int) -> None:
        if not self.tandems:
            return
        one = self._tandem(number)
        try:
            again = one.reopened(self.now)
            mentor = self.places[one.engagement].with_family(one.id, self.capacity[one.engagement])
            family = self.places[one.participation].with_mentor(one.id)
        except DomainError:
            return
        assert again.phase == one.steps[-1].phase
        self.places |= {mentor.id: mentor, family.id: family}
        self.tandems[one.id] = again
        self.recounted[one.id] += 1

    @rule(mentor=Mentor, places=st.integers(0, 2))
    def change_capacity(self, mentor: str, places: int) -> None:
        self.capacity[mentor] = places

    @rule(hours=st.sampled_from((1, 23, 25, 24 * 15)))
    def wait(self, hours: int) -> None:
        self.moment += timedelta(hours=hours)

    @invariant()
    def places_and_tandems_say_the_same(self) -> None:
        for key, places in self.places.items():
            own = {one.id for one in self.tandems.values() if key in (one.engagement, one.participation) and one.runs}
            assert set(places.running) == own
            assert len(places.running) == len(own) <= max(places.capacity, 1)
            assert key in MENTORS or len(own) <= 1

    @invariant()
    def tandem_that_runs_has_an_accepted_proposal_with_two_answers(self) -> None:
        by_id = {one.id: one for one in self.proposals}
        for tandem in self.tandems.values():
            proposal = by_id[str(tandem.proposal)]
            if tandem.runs:
                assert (proposal.state, proposal.tandem, proposal.agreed) == (ACCEPTED, tandem.id, True)
            assert len(tandem.versions) == self.recounted[tandem.id], "a phase is no version of what is counted"

    @invariant()
    def proposal_remembers_what_its_state_needs_and_no_more(self) -> None:
        for one in self.proposals:
            assert one.state in (*LIVE, ACCEPTED, REJECTED, EXPIRED)
            assert (one.decided_at is None) == one.is_live
            assert (one.tandem is not None) == (one.state == ACCEPTED)
            assert (one.because is None) == (one.state not in (REJECTED, EXPIRED))
            if one.state == DRAFT:
                assert (one.told_on, one.expires_on, dict(one.answers)) == (None, None, {})
            if one.state == PROPOSED:
                assert one.expires_on is not None
                assert set(one.answers) == self.said[one.id]

    def _of(self, number: int) -> Proposal:
        return self.proposals[number % len(self.proposals)]

    def _put(self, number: int, one: Proposal) -> None:
        self.proposals[number % len(self.proposals)] = one

    def _tandem(self, number: int) -> Tandem:
        return list(self.tandems.values())[number % len(self.tandems)]

    def _decide(self, number: int, act: Callable[[Proposal], Proposal]) -> bool:
        if not self.proposals:
            return False
        before = self._of(number)
        try:
            self._put(number, act(before))
        except DomainError:
            return False
        assert before.is_live, "what is decided stays decided"
        return True

    def _change(self, number: int, act: Callable[[Tandem], Tandem]) -> None:
        if not self.tandems:
            return
        before = self._tandem(number)
        try:
            after = act(before)
        except DomainError:
            return
        assert before.runs
        assert (after.counted, after.versions) == (before.counted, before.versions)
        self.tandems[before.id] = after

    def _end(self, ended: Tandem) -> None:
        for side in (ended.engagement, ended.participation):
            self.places[side] = self.places[side].without(ended.id)
        self.tandems[ended.id] = ended
        self.recounted[ended.id] += 1


TestDeciding = Deciding.TestCase
TestDeciding.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)


def test_accept_says_who_has_not_answered() -> None:
    one = Proposal("prp", "rnd", "p", DAY, "eng", "ptc", {"total": 1}, ()).told(DAY, "2026-01-20", "2026-01-15T09:00Z")
    with pytest.raises(Refused, match="answers-missing") as refusal:
        one.answered("family", DAY, "2026-01-15T10:00Z").accepted("tan", "2026-01-15T10:00Z")
    assert [finding.pointer for finding in refusal.value.findings] == ["/answers/mentor"]
    with pytest.raises(Refused, match="expires-too-early"):
        replace(one, state=DRAFT).told(DAY, DAY, "2026-01-15T10:00Z")


def test_undone_tandem_is_never_reopened() -> None:
    steps = (Step("introduction", DAY, "2026-01-15T09:00:00.000Z"),)
    tandem = Tandem("tan", "eng", "ptc", counted_at(DAY, "p", Where()), "2026-01-15T09:00:00.000Z", steps=steps)
    undone = tandem.undone("2026-01-15T10:00:00.000Z")
    assert (undone.counted.ended_on, undone.counted.ended_because, undone.phase) == (DAY, UNDONE, "ended")
    with pytest.raises(Conflict, match="not-ended"):
        undone.reopened("2026-01-15T11:00:00.000Z")
    assert tandem.moved("trial", DAY, "2026-01-15T10:00:00.000Z", until="2026-03-01").review_on == "2026-03-01"
    with pytest.raises(Refused, match="ends-too-early"):
        tandem.moved("trial", DAY, "2026-01-15T10:00:00.000Z", until=DAY)


def test_tandem_from_before_there_were_phases_is_active() -> None:
    tandem = Tandem("tan", "eng", "ptc", counted_at(DAY, "p", Where()), "2026-01-15T09:00:00.000Z")
    assert tandem.phase == "active"
    with pytest.raises(Conflict, match="wrong-phase"):
        tandem.moved("trial", DAY, "2026-01-15T10:00:00.000Z")
    paused = tandem.moved("paused", DAY, "2026-01-15T10:00:00.000Z", because="travel", until="2026-02-01")
    assert (paused.steps[-1].until, paused.resumed(DAY, "2026-01-16T10:00:00.000Z").phase) == ("2026-02-01", "active")


def test_every_reason_names_a_side_or_the_house() -> None:
    assert {side_of(code) for code in CODES} == {"mentor", "family", "house"}
    assert side_of("no_contact", "mentor") == "mentor"
