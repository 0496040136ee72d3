"""Proofs: what a role needs by day and as known, until when somebody has it, and when it is forgotten."""

from base64 import b64encode
from dataclasses import fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from deploy.documents import unconnected_app
from services.registry import publishing
from services.registry.api.engagements import ClearanceBody, EngagementPatch
from services.registry.api.proofs import Further, ProofBody
from services.registry.api.requirements import Kind
from services.registry.app import SERVICE
from services.registry.domain.engagements import Clearance, Engagement, Told
from services.registry.domain.modules import Module
from services.registry.domain.places import Programme
from services.registry.domain.proofs import CLEARANCE, FURTHER, NEVER, Held, Need, ProofRules, RoleRule
from shared.kernel.clock import read_instant
from shared.kernel.dates import days_after, today

ROLE = "mother"
PLEDGE = Need("confidentiality")
RULES = (
    ProofRules()
    .with_rule(RoleRule(ROLE, "2026-03-01", (Need(CLEARANCE, 36), PLEDGE), "2026-01-10T08:00:00.000Z"))
    .with_rule(RoleRule("driver", "2026-01-01", (), "2026-01-10T08:00:00.000Z"))
    .with_rule(RoleRule(ROLE, "2026-03-01", (Need(CLEARANCE, 48), PLEDGE), "2026-01-12T08:00:00.000Z"))
    .with_rule(RoleRule(ROLE, "2026-06-01", (PLEDGE, Need("measles")), "2026-01-11T08:00:00.000Z"))
)
PROGRAMME = Programme("muetter", "Stadtteilmütter", begin="2025-10-01", modules=(Module("health", "Gesundheit"),))
MOTHER = Engagement(
    "eng_1", "per_1", "muetter", ROLE, "2025-10-15", first=True, passed=("health",), certified_on="2026-01-10"
)
CLEARED = replace(MOTHER, clearance=Clearance("2025-12-15", "2026-01-02", "sub-1"))


def test_needs_are_those_of_the_day_as_they_were_known() -> None:
    bare, clearance = (Need(CLEARANCE, 60),), (Need(CLEARANCE, 48), PLEDGE)
    days = ("2026-02-28", "2026-03-01", "2026-05-31", "2026-06-01", "2029-01-01")
    found = [RULES.needs(ROLE, day) for day in days]
    assert found == [bare, clearance, clearance, (PLEDGE, Need("measles")), (PLEDGE, Need("measles"))]
    assert RULES.needs(ROLE, "2026-03-01", "2026-01-12T07:59:59.999Z") == (Need(CLEARANCE, 36), PLEDGE)
    assert RULES.needs(ROLE, "2026-06-01", "2026-01-10T23:00:00.000Z") == (Need(CLEARANCE, 36), PLEDGE)
    assert RULES.needs(ROLE, "2026-06-01", "2026-01-09T23:00:00.000Z") == bare
    assert (RULES.needs("driver", "2026-01-01"), RULES.needs("driver", "2025-12-31")) == ((), bare)


def test_end_is_the_earliest_of_what_is_needed_and_looks_ahead_to_rules_that_begin() -> None:
    clearance, pledge = {CLEARANCE: "2025-12-15"}, {"confidentiality": "2026-01-05"}
    assert ProofRules().until(ROLE, "2026-01-15", clearance) == "2030-12-15"
    assert RULES.until(ROLE, "2026-01-15", {}) is None
    assert RULES.until(ROLE, "2026-01-15", clearance) == "2026-03-01"
    assert RULES.until(ROLE, "2026-01-15", clearance | pledge) == "2026-06-01"
    assert RULES.until(ROLE, "2026-01-15", {**clearance, **pledge, "measles": "2020-01-01"}) == NEVER
    assert RULES.until("driver", "2026-01-15", {}) == NEVER
    old = {CLEARANCE: "2021-01-15", **pledge}
    ends = [RULES.until(ROLE, day, old) for day in ("2026-01-14", "2026-01-15", "2026-01-16")]
    assert ends == ["2026-01-15", "2026-01-15", "2026-01-15"]
    yearly = ProofRules((RoleRule(ROLE, "2020-01-01", (Need("measles", 12), Need("confidentiality", 24)), ""),))
    assert yearly.until(ROLE, "2026-01-15", {"measles": "2025-03-31", **pledge}) == "2026-03-31"


def test_stage_and_event_follow_the_day_and_not_who_tells_it() -> None:
    programme = replace(PROGRAMME, proofs=RULES)
    shown = replace(CLEARED, proofs=(Held("confidentiality", "2026-01-05"),))
    days = ("2026-05-31", "2026-06-01", "2026-06-02")
    assert [shown.stage(programme, day) for day in days] == ["active", "certified", "certified"]
    assert CLEARED.stage(programme, "2026-02-28") == "active"
    assert CLEARED.stage(programme, "2026-03-01") == "certified"
    now = "2026-01-15T08:00:00.000Z"
    real = replace(shown, id=f"eng_{'0' * 26}", person=f"per_{'0' * 26}", recorded_at=now)
    told = publishing.engagement(real, programme, "2026-01-15")
    assert (told.stage, told.clearance_until) == ("active", "2026-06-01")
    assert publishing.engagement(replace(real, proofs=()), programme, "2026-03-01").clearance_until is None


@pytest.mark.parametrize("shown_on", ["2021-03-29", "2021-10-25", "2020-02-29"])
def test_proof_ends_at_midnight_in_germany_in_the_nights_of_the_clock_change_too(shown_on: str) -> None:
    ended = {"2021-03-29": "2026-03-29", "2021-10-25": "2026-10-25", "2020-02-29": "2025-02-28"}[shown_on]
    mother = replace(MOTHER, clearance=Clearance(shown_on, shown_on))
    midnight = {"2026-03-29": "2026-03-28T23:00", "2026-10-25": "2026-10-24T22:00", "2025-02-28": "2025-02-27T23:00"}
    after = read_instant(f"{midnight[ended]}:00.000Z")
    before = read_instant(f"{midnight[ended][:-5]}{int(midnight[ended][-5:-3]) - 1}:59:59.999Z")
    assert [today(moment) for moment in (before, after)] == [days_after(ended, -1), ended]
    assert [mother.stage(PROGRAMME, today(moment)) for moment in (before, after)] == ["active", "certified"]
    assert [mother.proved_until(PROGRAMME, today(moment)) for moment in (before, after)] == [ended, ended]
    # The hour that comes twice, or not at all, changes nothing: the day is what counts.
    for clock in ("00:59:59.999", "01:00:00.000", "01:30:00.000", "22:30:00.000"):
        assert mother.stage(PROGRAMME, today(read_instant(f"{ended}T{clock}Z"))) == "certified"


def test_what_was_told_is_remembered_and_so_is_the_first_active_day() -> None:
    first = CLEARED.following(PROGRAMME, "2026-01-15")
    assert (first.active_since, first.told) == ("2026-01-15", Told("active", "2030-12-15"))
    assert first.following(PROGRAMME, "2026-01-16") == first
    later = first.following(PROGRAMME, "2030-12-15")
    assert (later.active_since, later.told) == ("2026-01-15", Told("certified", "2030-12-15"))
    assert MOTHER.following(PROGRAMME, "2026-01-15").active_since is None


@pytest.mark.parametrize(
    ("engagement", "programme", "due"),
    [
        (CLEARED, PROGRAMME, "2026-07-02"),  # nothing came of it: six months after it was seen
        (CLEARED, replace(PROGRAMME, proofs=ProofRules(unused_months=1)), "2026-02-02"),
        (replace(CLEARED, active_since="2026-01-15"), PROGRAMME, None),
        (replace(CLEARED, active_since="2026-01-15", left_on="2026-11-30"), PROGRAMME, "2027-02-28"),
        (
            replace(CLEARED, active_since="2026-01-15", left_on="2026-03-31"),
            replace(PROGRAMME, proofs=ProofRules(kept_months=6)),
            "2026-09-30",
        ),
        (replace(CLEARED, left_on="2026-02-01"), PROGRAMME, "2026-02-01"),  # left before anything came of it: at once
        (
            replace(MOTHER, proofs=(Held("measles", "2020-01-01"),), active_since="2026-01-15", left_on="2026-02-01"),
            PROGRAMME,
            "2026-05-01",
        ),
    ],
)
def test_notes_are_forgotten_on_their_day_and_not_before(
    engagement: Engagement, programme: Programme, due: str | None
) -> None:
    assert engagement.forget_from(programme, "2026-02-01") == due
    if due is None:
        assert engagement.forgetting(programme, "2099-01-01") == engagement
        return
    assert engagement.forgetting(programme, days_after(due, -1)) == engagement
    forgotten = engagement.forgetting(programme, due)
    assert (forgotten.clearance, forgotten.proofs, forgotten.active_since) == (None, (), None)
    assert forgotten.forgetting(programme, "2099-01-01") == forgotten


def test_end_of_the_programme_is_an_end_of_the_activity() -> None:
    active = replace(CLEARED, active_since="2026-01-15")
    over = replace(PROGRAMME, until="2026-10-01")
    assert (active.forget_from(over, "2026-09-30"), active.forget_from(over, "2026-10-01")) == (None, "2027-01-01")
    unknown = replace(PROGRAMME, closed=True)
    assert active.forget_from(unknown, "2026-02-01") == "2026-04-02"


def test_certificate_of_good_conduct_is_two_days_who_and_nothing_relevant() -> None:
    assert [field.name for field in fields(Clearance)] == ["issued_on", "seen_on", "seen_by", "nothing_relevant"]
    assert set(ClearanceBody.model_fields) == {"issued_on", "seen_on", "nothing_relevant", "corrects"}
    assert not {"clearance", "seen_by", "proofs"} & set(EngagementPatch.model_fields)
    good = {"issued_on": "2026-01-02", "seen_on": "2026-01-15"}
    assert ClearanceBody.model_validate(good).nothing_relevant is True
    for more in (
        {"note": "keine Einträge"},
        {"document": "JVBERi0xLjQKJcOkw7zDtsOfCg=="},
        {"seen_by": "jemand"},
        {"nothing_relevant": False},
        {"nothing_relevant": "data:application/pdf;base64,JVBERi0="},
        {"issued_on": "2026-01-02 Eintrag: keiner"},
        {"seen_on": "JVBERi0xLjQ="},
        {"seen_on": "2026-02-30"},
    ):
        with pytest.raises(ValidationError):
            ClearanceBody.model_validate({**good, **more})


@given(st.dictionaries(st.text(min_size=1, max_size=30), st.text() | st.binary().map(b64encode).map(bytes.decode)))
def test_no_field_more_is_taken_whatever_it_is_called_and_holds(more: dict[str, str]) -> None:
    added = {name: value for name, value in more.items() if name not in ClearanceBody.model_fields}
    if added:
        with pytest.raises(ValidationError, match="extra_forbidden"):
            ClearanceBody.model_validate({"issued_on": "2026-01-02", "seen_on": "2026-01-15", **added})


def test_no_other_body_takes_anything_of_a_certificate() -> None:
    shapes = unconnected_app(SERVICE).openapi()["components"]["schemas"]
    own = {
        name for name, shape in shapes.items() if {"issued_on", "nothing_relevant"} & set(shape.get("properties", ()))
    }
    # Of the certificate that ends a qualification the day of its issue is told, and taken from nobody.
    assert not [name for name in own if name.startswith(("Certificate", "Verified")) and not name.endswith("View")]
    own -= {"CertificateView", "VerifiedView"}
    assert own == {"ClearanceBody", "ClearanceView"}
    nested = {name for name, shape in shapes.items() if "ClearanceView" in str(shape.get("properties", ""))}
    assert nested == {"EngagementView"}


def test_further_proofs_are_the_ones_with_words_and_never_a_clearance() -> None:
    assert Further.__args__ == FURTHER  # type: ignore[attr-defined]
    assert Kind.__args__ == (CLEARANCE, *FURTHER)  # type: ignore[attr-defined]
    good = {"kind": "measles", "dated_on": "2026-01-02", "seen_on": "2026-01-15"}
    assert ProofBody.model_validate(good).kind == "measles"
    for wrong in ({"kind": CLEARANCE}, {"note": "geimpft 2019"}, {"file": "JVBERi0="}, {"seen_by": "jemand"}):
        with pytest.raises(ValidationError):
            ProofBody.model_validate({**good, **wrong})
