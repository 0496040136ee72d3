"""Proposals, tandems, places and rounds as values: what may follow what, and what is kept of the past."""

import ast
from pathlib import Path

import pytest

from services.matching import publishing
from services.matching.commands.drop_special import has_special, without_special
from services.matching.domain.availability import PRE_RULES
from services.matching.domain.known import Programme, Where
from services.matching.domain.places import Places
from services.matching.domain.proposals import Proposal
from services.matching.domain.rules import RULES
from services.matching.domain.tandems import MOST_VERSIONS, Tandem, counted_at
from shared.kernel.dates import Period
from shared.kernel.errors import Conflict, Refused
from shared.kernel.ids import new_id
from shared.web.catalogues import LANGUAGES, read_catalogue, shared_catalogues

NOW = "2026-01-15T09:00:00.000Z"
SERVICE = Path(publishing.__file__).parent
DRAFT = Proposal("prp", "rnd", "p", "2026-01-15", "eng", "ptc", {"total": 500}, ())


@pytest.mark.parametrize("first", ["accepted", "rejected", "expired"])
def test_proposal_is_decided_once(first: str) -> None:
    decided = {
        "accepted": DRAFT.with_yes_of_both("2026-01-15", NOW).accepted("tan", NOW),
        "rejected": DRAFT.rejected("declined_by_family", None, NOW),
        "expired": DRAFT.expired("newer_round", NOW),
    }[first]
    assert (decided.state, decided.decided_at) == (first, NOW)
    with pytest.raises(Conflict, match="already-decided") as refusal:
        decided.accepted("tan", NOW)
    assert refusal.value.params == {"state": first}
    with pytest.raises(Conflict, match="already-decided"):
        decided.expired("newer_round", NOW)


def test_tandem_keeps_what_was_counted_before_its_end() -> None:
    counted = counted_at("2026-01-15", "p", Where("haus", "volkshaus", "schmarl"))
    tandem = Tandem(new_id("tan"), new_id("eng"), new_id("ptc"), counted, NOW)
    with pytest.raises(Refused, match="before-beginning"):
        tandem.ended("2026-01-14", "goal_reached", NOW)
    later = "2026-03-01T09:00:00.000Z"
    ended = tandem.ended("2026-01-15", "goal_reached", later)
    assert not ended.runs
    assert ended.recorded_at == later
    assert [(one.recorded_at, one.counted) for one in ended.versions] == [(NOW, counted)]
    with pytest.raises(Conflict, match="already-ended"):
        ended.ended("2026-02-01", "goal_reached", later)
    full = Tandem("tan", "eng", "ptc", counted, NOW, versions=ended.versions * MOST_VERSIONS)
    with pytest.raises(Conflict, match="too-many-versions"):
        full.ended("2026-02-01", "goal_reached", later)


def test_places_are_never_more_than_the_capacity_of_the_day() -> None:
    one = Places("eng").with_family("tan1", 2)
    both = one.with_family("tan2", 2)
    with pytest.raises(Conflict, match="places-full"):
        both.with_family("tan3", 2)
    with pytest.raises(Conflict, match="places-full"):
        one.with_family("tan2", 1)
    assert both.without("tan1").with_family("tan3", 2).running == ("tan2", "tan3")
    with pytest.raises(Conflict, match="already-in-a-tandem"):
        Places("ptc").with_mentor("tan1").with_mentor("tan2")


@pytest.mark.parametrize(
    ("state", "period", "day", "begins"),
    [
        ("running", Period("2010-03-01", "2011-01-01"), "2010-12-31", True),
        ("running", Period("2010-03-01", "2011-01-01"), "2011-01-01", False),
        ("ended", Period("2010-03-01", "2011-01-01"), "2010-12-31", True),
        ("ended", Period("2010-03-01", None), "2010-12-31", False),
        ("ending", Period("2010-03-01", "2011-01-01"), "2010-12-31", False),
    ],
)
def test_programme_takes_what_is_dated_inside_its_period(state: str, period: Period, day: str, begins: bool) -> None:
    assert Programme("p", period, state).begins_on(day) is begins


def test_dropping_special_topics_leaves_all_else() -> None:
    document = {
        "city": "rostock",
        "mentors": [{"id": "m", "topics": ["health", "x-1"], "qualified": ["health", "x-1"], "slots": ["mon-am"]}],
        "families": [{"id": "f", "topics": ["x-1"], "district": "x-dorf"}],
    }
    plain = without_special(document)
    assert (has_special(document), has_special(plain)) == (True, False)
    assert plain == {
        "city": "rostock",
        "mentors": [{"id": "m", "topics": ["health"], "qualified": ["health"], "slots": ["mon-am"]}],
        "families": [{"id": "f", "topics": [], "district": "x-dorf"}],
    }


def test_every_refusal_and_rule_has_words_in_both_languages() -> None:
    codes = {f"rule-{rule}" for rule in (*RULES, *PRE_RULES, "urgent", "waiting", "wishes", "continuity", "pinned")}
    codes |= set(PRE_RULES)
    for room in ("domain", "commands", "queries", "store", "api"):
        for file in (SERVICE / room).glob("*.py"):
            codes |= _codes(file)
    codes -= {"not-json", "unreadable", "instance-refused", "policy-refused"}  # the command line's own
    shared = shared_catalogues()
    for language in LANGUAGES:
        words = read_catalogue(SERVICE / "locale", language, "matching")
        assert {code for code in codes if code not in words and not shared.text(code, language, "problems")} == set()


def _codes(file: Path) -> set[str]:
    """The codes of refusals that a file raises, as far as they are written out."""
    kinds = {"Conflict", "Refused", "NotFound", "NotYetKnown", "Unavailable", "VersionLost"}
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in kinds and node.args:
            code = node.args[0]
            if isinstance(code, ast.Constant) and isinstance(code.value, str):
                found.add(code.value)
    return found
