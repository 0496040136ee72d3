"""The way of an engagement from interest to leaving, in any order of acts: its stage is what its facts say."""

from dataclasses import replace
from datetime import date
from typing import Final

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from services.registry.domain.engagements import Clearance, Engagement
from services.registry.domain.erasures import without_person
from services.registry.domain.modules import Module
from services.registry.domain.places import Programme
from services.registry.domain.proofs import CLEARANCE, NEVER, Held, Need, ProofRules, RoleRule, months_after
from shared.kernel.dates import days_after
from shared.kernel.errors import Conflict, DomainError

MODULES: Final = (Module("health", "Gesundheit"), Module("rest", "Entspannung", required=False), Module("law", "Recht"))
REQUIRED: Final = {"health", "law"}
NEEDS: Final = st.lists(
    st.sampled_from([Need(CLEARANCE, 60), Need(CLEARANCE, 2), Need("measles"), Need("confidentiality", 6)]),
    unique_by=lambda need: need.kind,
).map(tuple)


def holds(need: Need, shown: str, day: str) -> bool:
    return need.months is None or day < months_after(shown, need.months)


class Life(RuleBasedStateMachine):
    """One engagement, and beside it a plain account of what was done to it."""

    @initialize(modules=st.booleans(), automatic=st.booleans())
    def begin(self, modules: bool, automatic: bool) -> None:
        self.day = "2026-01-01"
        self.programme = Programme(
            "muetter", "Stadtteilmütter", modules=MODULES if modules else (),
            certification="automatic" if automatic else "by_decision",
        )  # fmt: skip
        self.engagement = Engagement("eng_1", "per_1", "muetter", "mother", self.day, first=True)
        self.certified = self.paused = self.left = self.erased = self.enrolled = False
        self.passed: set[str] = set()
        self.shown: dict[str, list[str]] = {}
        self.asked: list[tuple[str, tuple[Need, ...]]] = []
        self.was_active = False

    @property
    def over(self) -> bool:
        return self.left or self.erased

    def covered(self, day: str) -> bool:
        """By looking at everything: the rule that began last, and of those the one said last."""
        needs: tuple[Need, ...] = (Need(CLEARANCE, 60),)
        begun = [since for since, _ in self.asked if since <= day]
        for since, wanted in self.asked:
            if begun and since == max(begun):
                needs = wanted
        return all(any(holds(need, shown, day) for shown in self.shown.get(need.kind, ())) for need in needs)

    def refused(self, code: str) -> None:
        with pytest.raises(Conflict, match=code):
            self.engagement.require_running()

    @rule(days=st.sampled_from([1, 1, 27, 40, 200, 900]))
    def wait(self, days: int) -> None:
        self.day = days_after(self.day, days)
        self.engagement = self.engagement.following(self.programme, self.day)

    @rule(around=st.sampled_from([-1, 0, 1]))
    def wait_for_the_end_that_was_told(self, around: int) -> None:
        told = self.engagement.following(self.programme, self.day).told
        if told is not None and told.until is not None and self.day < told.until != NEVER:
            self.wait((date.fromisoformat(told.until) - date.fromisoformat(self.day)).days + around)

    @precondition(lambda self: not self.over)
    @rule()
    def enrol(self) -> None:
        self.engagement, self.enrolled = replace(self.engagement, cohort="coh_1"), True

    @precondition(lambda self: not self.over)
    @rule(modules=st.sets(st.sampled_from(["health", "rest", "law"])))
    def attend(self, modules: set[str]) -> None:
        self.passed = modules
        self.engagement = self.engagement.with_passed(tuple(sorted(modules)), self.programme, self.day)
        complete = modules >= REQUIRED or not self.programme.modules
        self.certified |= complete and self.programme.certification == "automatic"

    @rule()
    def certify(self) -> None:
        may = not self.over and not self.certified and (self.passed >= REQUIRED or not self.programme.modules)
        if may:
            self.engagement, self.certified = self.engagement.certified(self.day, self.programme), True
        else:
            with pytest.raises(DomainError):
                self.engagement.certified(self.day, self.programme)

    @rule(age=st.integers(0, 130))
    def clear(self, age: int) -> None:
        clearance = Clearance(days_after(self.day, -age), self.day, "sub-1")
        if not self.over and self.day <= months_after(clearance.issued_on, 3):
            self.engagement = self.engagement.cleared(clearance)
            self.shown.setdefault(CLEARANCE, []).append(clearance.issued_on)
        else:
            with pytest.raises(DomainError):
                self.engagement.cleared(clearance)

    @precondition(lambda self: not self.over)
    @rule(kind=st.sampled_from(["measles", "confidentiality"]), age=st.integers(0, 300))
    def show(self, kind: str, age: int) -> None:
        dated = days_after(self.day, -age)
        self.shown.setdefault(kind, []).append(dated)
        self.engagement = replace(self.engagement, proofs=(*self.engagement.proofs, Held(kind, dated)))

    @rule(needs=NEEDS, ahead=st.integers(-50, 100))
    def require(self, needs: tuple[Need, ...], ahead: int) -> None:
        since = days_after(self.day, ahead)
        self.asked.append((since, needs))
        proofs: ProofRules = self.programme.proofs.with_rule(RoleRule("mother", since, needs, "now"))
        self.programme = replace(self.programme, proofs=proofs)

    @rule()
    def pause_or_resume(self) -> None:
        act = self.engagement.resumed if self.paused else lambda: self.engagement.paused(self.day)
        if self.over:
            with pytest.raises(Conflict):
                act()
            return
        self.engagement, self.paused = act(), not self.paused

    @precondition(lambda self: not self.erased)
    @rule(chance=st.integers(0, 5))
    def leave(self, chance: int) -> None:
        if self.left:
            self.refused("already-ended")
        elif chance == 0:
            self.engagement, self.left = self.engagement.left(self.day, "moved_away"), True
            self.paused = False

    @rule(chance=st.integers(0, 11))
    def erase(self, chance: int) -> None:
        if chance == 0:
            self.engagement, self.erased = without_person(self.engagement), True
            self.refused("erased")

    @invariant()
    def stage_is_what_the_facts_say(self) -> None:
        if self.erased:
            assert self.engagement.proved_until(self.programme, self.day) is None
            assert self.engagement.held == {}
            return
        if self.left:
            expected = "left"
        elif self.paused:
            expected = "paused"
        elif self.programme.modules and not self.certified:
            learning = "in_qualification" if self.enrolled else "interested"
            expected = "qualified" if self.passed >= REQUIRED else learning
        elif self.covered(self.day):
            expected = "active"
        else:
            expected = "certified" if self.programme.modules else "interested"
        assert self.engagement.stage(self.programme, self.day) == expected

    @invariant()
    def what_is_told_holds_up_to_its_day_and_no_further(self) -> None:
        until = None if self.erased else self.engagement.proved_until(self.programme, self.day)
        if self.erased or until is None or until <= self.day:
            assert self.erased or not self.covered(self.day)
            return
        last = days_after(until, -1) if until != NEVER else days_after(self.day, 4000)
        assert all(self.covered(day) for day in (self.day, days_after(self.day, 1), last) if day <= last)
        assert until == NEVER or not self.covered(until)

    @invariant()
    def notes_are_kept_of_whom_they_are_needed_and_forgotten_in_time(self) -> None:
        following = self.engagement.following(self.programme, self.day)
        if self.erased or (following.active_since is not None and not self.left):
            assert following.forgetting(self.programme, "2200-01-01") == following
        elif following.clearance is not None:
            assert following.forgetting(self.programme, "2200-01-01").clearance is None


Life.TestCase.settings = settings(
    max_examples=1000, stateful_step_count=12, deadline=None, suppress_health_check=list(HealthCheck)
)
test_stage_follows_from_facts_in_any_order = Life.TestCase
