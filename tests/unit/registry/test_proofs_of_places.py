"""What a role needs at one site besides."""

from services.registry.domain.proofs import CLEARANCE, NEVER, Need, ProofRules, RoleRule
from shared.kernel.dates import Dated

RECORDED = "2026-01-01T00:00:00.000Z"
MEASLES = Need("measles")
RULES = (
    ProofRules()
    .with_rule(RoleRule("mentor", "2025-01-01", (Need(CLEARANCE, 60),), RECORDED))
    .with_rule(RoleRule("mentor", "2026-03-01", (MEASLES, Need(CLEARANCE, 36)), RECORDED, "kita"))
)
KITA = (Dated("2025-06-01", "kita"),)
MOVED = (Dated("2025-06-01", "haus"), Dated("2026-05-01", "kita"))
CLEARED = {CLEARANCE: "2025-06-01"}


def test_rule_of_a_site_adds_to_that_of_the_role_and_the_stricter_age_holds() -> None:
    assert RULES.needs("mentor", "2026-03-01", None, KITA) == (Need(CLEARANCE, 36), MEASLES)
    assert RULES.needs("mentor", "2026-02-28", None, KITA) == (Need(CLEARANCE, 60),)
    assert RULES.needs("mentor", "2026-04-30", None, MOVED) == (Need(CLEARANCE, 60),)
    assert RULES.needs("mentor", "2026-05-01", None, MOVED) == (Need(CLEARANCE, 36), MEASLES)
    assert RULES.needs("mentor", "2026-05-01") == (Need(CLEARANCE, 60),)
    assert RULES.needs("driver", "2026-05-01", None, KITA) == (Need(CLEARANCE, 60),)
    assert RULES.needs("mentor", "2026-05-01", "2025-12-31T00:00:00.000Z", KITA) == (Need(CLEARANCE, 60),)


def test_who_moves_to_the_site_needs_it_from_that_day_on() -> None:
    assert RULES.until("mentor", "2026-04-01", CLEARED, MOVED) == "2026-05-01"
    assert RULES.until("mentor", "2026-05-02", CLEARED, MOVED) is None
    assert RULES.until("mentor", "2026-05-02", {**CLEARED, "measles": "2020-01-01"}, MOVED) == "2028-06-01"
    assert RULES.until("mentor", "2026-04-01", CLEARED, MOVED[:1]) == "2030-06-01"
    free = ProofRules().with_rule(RoleRule("guest", "2025-01-01", (), RECORDED))
    assert free.until("guest", "2026-01-01", {}, KITA) == NEVER


def test_moves_are_days_of_change_only_where_a_site_has_a_rule() -> None:
    assert RULES.changes("mentor", MOVED) == ("2025-01-01", "2025-06-01", "2026-03-01", "2026-05-01")
    assert RULES.changes("mentor", MOVED[:1]) == ("2025-01-01",)
