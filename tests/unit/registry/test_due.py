"""What is due, on the days around its day; and each kind as a sentence in both languages."""

from dataclasses import replace

import pytest

from services.registry.api.words import sentence
from services.registry.domain.consents import Consent
from services.registry.domain.due import horizon, of_cohort, of_consent, of_engagement, told_from
from services.registry.domain.engagements import Clearance, Engagement
from services.registry.domain.modules import Module
from services.registry.domain.outcomes import Cohort
from services.registry.domain.places import Programme
from services.registry.domain.proofs import CLEARANCE, FURTHER, Held, Need, ProofRules, RoleRule
from shared.kernel.dates import days_after
from shared.kernel.due import Due
from shared.web.catalogues import LANGUAGES

PROGRAMME = Programme("muetter", "Stadtteilmütter", begin="2025-10-01", modules=(Module("health", "Gesundheit"),))
MOTHER = Engagement(
    "eng_1", "per_1", "muetter", "mother", "2025-10-15", first=True, passed=("health",), certified_on="2026-01-10",
    complete_since="2026-01-05", clearance=Clearance("2025-12-15", "2026-01-02"), active_since="2026-01-10",
)  # fmt: skip
CONSENT = Consent(
    "con_1", "fam_1", "matching", "self", "text", 1, "uk", "in_writing", "2026-01-01", expires_on="2026-06-01"
)


def kinds(
    engagement: Engagement, day: str, tandems: int = 0, programme: Programme = PROGRAMME
) -> list[tuple[str, str]]:
    return [(due.kind, due.due_on) for due in of_engagement(engagement, programme, tandems, day)]


def test_proof_is_due_three_months_before_its_end_and_from_then_on() -> None:
    ends = "2030-12-15"
    assert kinds(MOTHER, "2030-09-14") == []
    assert kinds(MOTHER, "2030-09-15") == [("proof-ends", ends)]
    (due,) = of_engagement(MOTHER, PROGRAMME, 0, "2030-09-15")
    assert due.since == "2030-09-15"
    assert kinds(MOTHER, days_after(ends, -1), 2) == [("proof-ends", ends)]
    assert kinds(MOTHER, ends) == [("proof-ended", ends)]
    assert kinds(MOTHER, ends, 2) == [("tandem-without-proof", ends)]
    assert kinds(MOTHER, days_after(ends, 400)) == [("proof-ended", ends)]
    assert kinds(replace(MOTHER, left_on=ends), ends, 2) == []
    assert kinds(MOTHER, ends, 2, replace(PROGRAMME, until="2030-01-01")) == []


def test_every_end_is_told_from_the_same_day_three_months_before_or_the_last_of_that_month() -> None:
    assert [told_from(ends) for ends in ("2026-05-31", "2026-05-28", "2028-05-31", "2026-01-15")] == [
        "2026-02-28", "2026-02-28", "2028-02-29", "2025-10-15"
    ]  # fmt: skip
    for number in range(800):
        day = days_after("2026-12-01", number)
        last = horizon(day)
        assert told_from(last) <= day < told_from(days_after(last, 1)), day


def test_proof_that_is_missing_is_asked_of_whom_it_keeps_out_only() -> None:
    interested = replace(MOTHER, certified_on=None, complete_since=None, clearance=None, active_since=None)
    assert kinds(interested, "2026-01-15") == []
    certified = replace(MOTHER, clearance=None, active_since=None)
    assert kinds(certified, "2026-01-15") == [("proof-missing", "2026-01-10")]
    rule = RoleRule("mother", "2026-03-01", (Need(CLEARANCE, 12), Need("measles")), "")
    asked = replace(PROGRAMME, proofs=ProofRules((rule,)))
    assert kinds(MOTHER, "2025-11-30", 0, asked) == []
    assert kinds(MOTHER, "2026-01-15", 0, asked) == [("proof-missing", "2026-03-01")]
    assert kinds(MOTHER, "2026-03-01", 3, asked) == [("tandem-without-proof", "2026-03-01")]
    shown = replace(MOTHER, proofs=(Held("measles", "2019-05-05"),))
    assert kinds(shown, "2026-03-01", 3, asked) == []
    old = replace(shown, clearance=Clearance("2025-01-10", "2025-01-15"))
    assert kinds(old, "2026-01-15", 0, asked) == [("proof-ends", "2026-03-01")]


def test_certification_and_long_pause_are_due() -> None:
    complete = replace(MOTHER, certified_on=None)
    assert kinds(complete, "2026-01-15")[0] == ("certification", "2026-01-05")
    paused = replace(MOTHER, paused_since="2026-02-01")
    assert kinds(paused, days_after("2026-02-01", 83)) == []
    assert kinds(paused, days_after("2026-02-01", 84)) == [("paused-for-long", "2026-04-26")]


def test_consent_is_due_before_and_after_its_end_unless_another_goes_on() -> None:
    days = ["2026-02-28", "2026-03-01", "2026-05-31", "2026-06-01", "2026-09-01", "2026-09-02"]
    found = [of_consent(CONSENT, [CONSENT], day) for day in days]
    assert [due and due.kind for due in found] == [
        None, "consent-ends", "consent-ends", "consent-ended", "consent-ended", None
    ]  # fmt: skip
    renewed = replace(CONSENT, id="con_2", expires_on="2027-06-01")
    assert of_consent(CONSENT, [CONSENT, renewed], days[1]) is None
    assert of_consent(CONSENT, [CONSENT, replace(renewed, purpose="photo")], days[1]) is not None
    assert of_consent(CONSENT, [replace(renewed, withdrawn_at="2026-05-01T00:00:00.000Z")], days[1]) is not None
    assert of_consent(replace(CONSENT, withdrawn_at="2026-05-01T00:00:00.000Z"), [], days[1]) is None
    assert of_consent(replace(CONSENT, expires_on=None), [], days[1]) is None


def test_cohort_is_due_after_three_weeks_without_an_attendance() -> None:
    cohort = Cohort("coh_1", "muetter", "2025/26", "2026-01-05", 11)
    assert of_cohort(cohort, None, "2026-01-25") is None
    never = of_cohort(cohort, None, "2026-01-26")
    assert never is not None
    assert (never.due_on, never.params) == ("2026-01-26", (("weeks", 3),))
    assert of_cohort(cohort, "2026-01-20", "2026-02-09") is None
    assert of_cohort(cohort, "2026-01-20", "2026-02-10") is not None


def test_consent_stands_by_the_day_and_says_so() -> None:
    states = [CONSENT.state(day) for day in ("2026-05-31", "2026-06-01", "2026-06-02")]
    assert states == ["given", "expired", "expired"]
    assert [CONSENT.stands(day) for day in ("2026-05-31", "2026-06-01")] == [True, False]
    assert CONSENT.withdrawn("2026-02-01T00:00:00.000Z").state("2026-09-01") == "withdrawn"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_kind_is_a_sentence(language: str) -> None:
    ends: tuple[tuple[str, str | int], ...] = (("until", "2026-06-01"), ("tandems", 2))
    named = [
        Due(kind, "eng_1", "2026-06-01", "2026-04-02", "x", (("proof", proof), *ends))
        for kind in ("proof-ends", "proof-ended", "proof-missing", "tandem-without-proof")
        for proof in (CLEARANCE, *FURTHER)
    ]
    named += [
        Due(kind, "fam_1", "2026-06-01", "2026-04-02", "x", (("purpose", purpose), *ends))
        for kind in ("consent-ends", "consent-ended")
        for purpose in ("matching", "special_category", "referral", "photo", "follow_up")
    ]
    named += [
        Due("certification", "eng_1", "2026-01-05", "2026-01-05", "x"),
        Due("paused-for-long", "eng_1", "2026-04-26", "2026-02-01", "x", (("paused_since", "2026-02-01"),)),
        Due("cohort-without-attendance", "coh_1", "2026-01-26", "2026-01-05", "x", (("weeks", 4),)),
    ]
    told = [sentence(due, language) for due in named]
    assert len(set(told)) == len(told)
    assert not [text for text in told if "{" in text or "_" in text]
    assert (
        told[0]
        == {
            "de": "Führungszeugnis: gilt nur noch bis zum 31.5.2026.",
            "en": "Certificate of good conduct: holds until 2026-05-31 only.",
        }[language]
    )
