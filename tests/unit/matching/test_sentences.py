"""Every code has a sentence in German and in English, with all its parameters in words, and nothing else is told."""

import re
from typing import Any, cast

import pytest

from services.matching.api.sentences import About, message_of, sentence, title, words
from services.matching.api.words import worded
from services.matching.domain.availability import ORDER, PRE_RULES
from services.matching.domain.rules import RULES

Reason = dict[str, Any]
BOTH = pytest.mark.parametrize("language", ["de", "en"])
FIT: list[Reason] = [
    {"rule": "language", "language": "fa-AF", "level": "native"},
    {"rule": "language", "interpreter": True},
    {"rule": "language", "language": "fa", "understood_as": "fa-AF", "level": "C1"},
    {"rule": "uncovered", "topics": ["health"]},
    {"rule": "qualification", "topics": ["health", "special"]},
    {"rule": "availability", "slots": ["mon-am", "sun-eve"]},
    {"rule": "district", "district": "gross-klein"},
    {"rule": "gender", "gender": "f"},
    {"rule": "gender", "gender_by_mentor": "m"},
    {"rule": "gender", "gender": "f", "gender_by_mentor": "x"},
    {"rule": "urgent"},
    {"rule": "waiting", "days": 14, "band": 2},
    {"rule": "wishes", "topics": ["upbringing"]},
    {"rule": "continuity"},
    {"rule": "pinned"},
]
WHY: list[Reason] = [
    {"rule": "consent"},
    {"rule": "exclusion"},
    {"rule": "language", "language": "kmr", "needed": "B1", "has": "A2"},
    {"rule": "language", "languages": ["ar", "de-simple"], "needed": "B1"},
    {"rule": "topic", "topics": ["special"]},
    {"rule": "qualification", "topics": ["health"], "modules": ["early_childhood_health"]},
    {"rule": "qualification", "topics": ["health"], "modules": []},
    {"rule": "qualification", "modules": ["early_childhood_health"]},
    {"rule": "qualification", "modules": []},
    {"rule": "availability", "slots": ["wed-noon"]},
    {"rule": "district", "district": "schmarl"},
    {"rule": "gender", "wished": "m"},
    {"rule": "gender", "wished": "m", "by": "mentor"},
    {"rule": "capacity", "places": 2, "taken": 2},
    {"rule": "clearance"},
    {"rule": "clearance", "until": "2026-03-01"},
    {"rule": "paused"},
    {"rule": "proposed"},
    {"rule": "together"},
    {"rule": "accompanied"},
    {"rule": "better-elsewhere", "points": 25},
    {"rule": "better-elsewhere", "points": 25, "at_least": True},
    *({"rule": f"needed-by-{whom}"} for whom in ("urgent", "longer-waiting", "another")),
    {"rule": "equally-good"},
    {"rule": "hardly-worse"},
    {"rule": "reduced"},
    {"rule": "ended"},
    {"rule": "other-programme"},
    {"rule": "undecided"},
    {"rule": "left-out", "side": "eng_x", "pointer": "/district"},
]
COUNT: list[Reason] = [{"rule": rule, "mentors": 7} for rule in ORDER]
HELP: list[Reason] = [
    *COUNT,
    {"rule": "availability", "slot": "mon-am", "mentors": 3},
    {"rule": "language", "language": "fa", "has": "A2", "needed": "B1", "mentors": 3},
    {"rule": "district", "district": "schmarl", "mentors": 3},
    {"rule": "topic", "topics": ["health"], "mentors": 3},
    {"rule": "qualification", "modules": ["early_childhood_health"], "mentors": 3},
    {"rule": "language-gap", "mentors": 0, "languages": ["fa", "ckb"], "district": "lichtenhagen"},
]
_PLACE = {"language": "fa", "district": "lichtenhagen"}
_LESSON = {"modules": ["early_childhood_health"], "mentors": 3, "families": 41}
GAP: list[Reason] = [
    {"rule": "language_gap", **_PLACE, "families": 7, "full": 1, "unavailable": 2},
    {"rule": "language_gap", **_PLACE},
    {"rule": "training", **_LESSON, "language": "ar"},
    {"rule": "training", **_LESSON},
    {"rule": "training", "modules": ["early_childhood_health"]},
    {"rule": "recruiting", **_PLACE, "topics": ["health"], "families": 2, "waiting": 7},
    {"rule": "recruiting", **_PLACE},
]
ALL = [("gap", one) for one in GAP] + [("fit", one) for one in FIT] + [("why", one) for one in WHY]
ALL += [("count", one) for one in COUNT] + [("help", one) for one in HELP]
SAID_OTHERWISE = {"rule", "band", "interpreter", "side", "by", "at_least"}


@BOTH
@pytest.mark.parametrize(("about", "reason"), ALL)
def test_every_reason_is_a_sentence_with_its_parameters(language: str, about: str, reason: Reason) -> None:
    kind = cast(About, about)
    told = sentence(reason, kind, language)
    assert message_of(reason, kind) in words(language)
    assert told.endswith(".")
    assert not re.search(r"[{}…]|None|-am|_", told), told
    assert about == "gap" or title(reason, language) != reason["rule"]
    text = words(language)[message_of(reason, kind)]
    given = {name for name, value in reason.items() if value not in ([], None, 0)} - SAID_OTHERWISE
    assert set(re.findall(r"{(\w+)}", text)) == given, "each parameter is said, and no other"


@BOTH
def test_every_text_of_a_reason_is_one_that_some_reason_has(language: str) -> None:
    known = {message_of(reason, cast(About, about)) for about, reason in ALL}
    own = {key for key in words(language) if re.match(r"(fit|why|count|help|gap)-", key)}
    assert own == known
    assert {str(one["rule"]) for one in WHY} >= {*PRE_RULES, *RULES}


def test_languages_times_and_days_have_their_names() -> None:
    dari = {"rule": "language", "language": "fa-AF", "needed": "B1", "has": "A2"}
    assert sentence(dari, "why", "de") == "Gemeinsam ist Dari, aber nur auf A2; gebraucht wird B1."
    times = {"rule": "availability", "slots": ["mon-am", "tue-eve"]}
    assert sentence(times, "fit", "de") == "Gemeinsame Zeiten: Montagvormittag und Dienstagabend."
    assert sentence(times, "fit", "en") == "Common times: Monday morning and Tuesday evening."
    ended = {"rule": "clearance", "until": "2026-03-01"}
    assert sentence(ended, "why", "de").endswith("nur bis zum 28.2.2026.")


def test_special_topic_is_told_as_one_without_its_name() -> None:
    told = sentence({"rule": "qualification", "topics": ["health", "special"]}, "fit", "de")
    assert told == "Qualifiziert für: Gesundheit und ein geschütztes Thema."


def test_changes_in_a_reason_are_worded_too_and_codes_stay() -> None:
    reason = {"rule": "availability", "mentors": 3, "changes": [{"slot": "mon-am", "mentors": 2}]}
    told = worded(reason, "en", "help")
    assert told["changes"] == [{"slot": "mon-am", "mentors": 2, "sentence": "One more time (Monday morning) opens 2."}]
    assert {name: told[name] for name in ("rule", "mentors", "title")} == {
        "rule": "availability",
        "mentors": 3,
        "title": "Common times",
    }


def test_reason_of_an_earlier_release_or_without_text_is_told_as_well_as_it_can_be() -> None:
    assert sentence({"rule": "capacity"}, "why", "en") == "No place is free: … of … are taken."
    assert sentence({"rule": "unheard_of"}, "why", "en") == "unheard_of"
