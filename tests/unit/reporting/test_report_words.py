import string
from datetime import UTC, datetime

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

from services.reporting.domain.report import Audience, Language
from services.reporting.domain.report_values import Gap, Kind
from services.reporting.exports.render import Format, render
from services.reporting.exports.words import UnknownWordError, Words, catalogue_file
from shared.kernel.dates import Period
from tests.unit.reporting.samples import empty_report, mothers_report, neighbour_report

INDICATORS = {
    "volunteers_won",
    "supported_into_self_employment",
    "outcomes",
    "visits",
    "visit_minutes",
    "families_reached",
    "families_waiting",
    "requests_brokered",
    "requests_fulfilled",
    "requests_own",
    "activities",
    "attendance",
    "mentors_certified",
    "tandems",
}
DIMENSIONS = {"kind", "language", "topic", "district", "site", "carrier", "month", "service"}
VOCABULARIES = {
    "indicator": INDICATORS,
    "definition": INDICATORS | {"by_own_date", "unknown_is_not_zero", "hidden_small_numbers", "late_entries"},
    "heading": {
        "summary",
        "targets",
        "volunteers",
        "outcomes",
        "visits",
        "families",
        "waiting",
        "requests",
        "activities",
        "attendance",
        "qualification",
        "tandems",
        "corrections",
    },
    "column": DIMENSIONS
    | {
        "indicator",
        "target",
        "due",
        "actual",
        "reached_percent",
        "reached",
        "hours",
        "share",
        "recorded_on",
        "before",
        "after",
        "reason",
    },
    "by": DIMENSIONS,
    "kind": {"home_visit", "accompaniment", "offer", "meeting", "telephone", "other"},
    "topic": {
        "education",
        "health",
        "family_life",
        "daily_life",
        "upbringing",
        "access_to_services",
        "flat_search",
        "authorities",
        "disability",
        "health_system",
        "prevention",
        "counselling_services",
        "other",
    },
    "service": {
        "counselling_daily_life",
        "child_care",
        "way_to_school",
        "dementia_care",
        "household_services",
        "meal_delivery",
        "reading_aloud",
        "furnishing_a_flat",
        "housework",
        "handicraft_painting",
        "learning_german",
        "other",
    },
    "outcome": {"self_employment", "job", "training", "other"},
    "handling": {"brokered", "own", "fulfilled", "open"},
    "reason": {"late", "correction"},
    "language": {"de-simple", "kmr", "ckb"},
    "gap": {gap.value for gap in Gap},
    "unit": {kind.value for kind in Kind if kind.numeric},
    "audience": {audience.value for audience in Audience},
}


def messages(language: Language) -> dict[tuple[str, str], Message]:
    with catalogue_file(language).open("rb") as text:
        catalogue: Catalog = read_po(text, abort_invalid=True)
    return {(message.context or "", identity(message)): message for message in catalogue if message.id}


def identity(message: Message) -> str:
    return message.id if isinstance(message.id, str) else message.id[0]


def forms(message: Message) -> list[str]:
    return [message.string] if isinstance(message.string, str) else list(message.string or ())


@pytest.mark.parametrize("language", Language)
def test_catalogue_has_exactly_the_codes_of_each_vocabulary(language: Language) -> None:
    found: dict[str, set[str]] = {}
    for context, code in messages(language):
        found.setdefault(context, set()).add(code)
    found.pop("ui")
    found.pop("")  # titles of problems

    assert found == VOCABULARIES


@pytest.mark.parametrize("language", Language)
def test_catalogue_has_exactly_the_phrases_that_reports_use(
    language: Language, monkeypatch: pytest.MonkeyPatch
) -> None:
    used: set[str] = set()
    say, count = Words.say, Words.count

    def note_say(self: Words, vocabulary: str, code: str, **values: str) -> str:
        if vocabulary == "ui":
            used.add(code)
        return say(self, vocabulary, code, **values)

    def note_count(self: Words, code: str, number: int, **values: str) -> str:
        used.add(code)
        return count(self, code, number, **values)

    monkeypatch.setattr(Words, "say", note_say)
    monkeypatch.setattr(Words, "count", note_count)
    for make in (neighbour_report, mothers_report, empty_report):
        for fmt in Format:
            render(make(language), fmt)

    assert used == {code for context, code in messages(language) if context == "ui"}


def test_both_languages_say_everything_with_the_same_values() -> None:
    german, english = messages(Language.DE), messages(Language.EN)

    assert german.keys() == english.keys()
    for key, message in german.items():
        said = [*forms(message), *forms(english[key])]
        assert all(text.strip() for text in said), key
        assert len({frozenset(fields(text)) for text in said}) == 1, key
        assert not message.fuzzy


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("language", Language)
def test_words_refuse_a_code_that_nobody_has_translated(language: Language) -> None:
    words = Words(language)
    with pytest.raises(UnknownWordError, match="no_such_thing"):
        words.say("indicator", "no_such_thing")
    with pytest.raises(UnknownWordError, match="no_such_thing"):
        words.count("no_such_thing", 1)
    assert words.find("topic", "no_such_thing") is None


def test_words_know_one_from_many() -> None:
    german, english = Words(Language.DE), Words(Language.EN)

    assert [german.count("made_from_rows", n, rows=str(n)) for n in (0, 1, 2)] == [
        "0 Datensätze",
        "1 Datensatz",
        "2 Datensätze",
    ]
    assert [english.count("made_from_rows", n, rows=str(n)) for n in (1, 2)] == ["1 record", "2 records"]


@pytest.mark.parametrize(
    ("number", "kind", "german", "english"),
    [
        (1_234_567, Kind.COUNT, "1.234.567", "1,234,567"),
        (0, Kind.COUNT, "0", "0"),
        (22_500, Kind.BASIS_POINTS, "225\xa0%", "225%"),
        (3_333, Kind.BASIS_POINTS, "33,33\xa0%", "33.33%"),
        (61 * 60 + 5, Kind.MINUTES, "61:05", "61:05"),
        (-90, Kind.MINUTES, "-1:30", "-1:30"),
        (1_250, Kind.CENTS, "12,50\xa0€", "€12.50"),
        (1_200, Kind.METRES, "1.200\xa0m", "1,200\xa0m"),
    ],
)
def test_words_write_numbers_as_the_language_does(number: int, kind: Kind, german: str, english: str) -> None:
    assert (Words(Language.DE).amount(number, kind), Words(Language.EN).amount(number, kind)) == (german, english)


def test_words_write_periods_with_their_last_day() -> None:
    period = Period("2010-03-01", "2011-01-01")

    assert Words(Language.DE).period(period) == "1. März 2010 – 31. Dezember 2010"
    assert Words(Language.EN).period(period) == "1 March 2010 – 31 December 2010"


def test_words_write_months_and_instants_in_german_time() -> None:
    summer = datetime(2026, 6, 30, 22, 30, tzinfo=UTC)

    assert Words(Language.DE).month("2010-03") == "März 2010"
    assert Words(Language.DE).instant(summer) == "1. Juli 2026, 00:30 Uhr"
    assert Words(Language.EN).instant(summer) == "1 July 2026, 00:30"


@pytest.mark.parametrize(
    ("tag", "german", "english"),
    [
        ("ar", "Arabisch", "Arabic"),
        ("uk", "Ukrainisch", "Ukrainian"),
        ("fa", "Persisch", "Persian"),
        ("fa-AF", "Dari", "Dari"),
        ("kmr", "Kurmandschi (Kurdisch)", "Kurmanji (Kurdish)"),
        ("ckb", "Sorani (Kurdisch)", "Sorani (Kurdish)"),
        ("de-simple", "Leichte Sprache", "Easy German"),
        ("sr-Latn", "Serbisch (Lateinisch)", "Serbian (Latin)"),
        ("qqx", "qqx", "qqx"),
        ("<b>", "<b>", "<b>"),
    ],
)
def test_words_name_languages(tag: str, german: str, english: str) -> None:
    assert (Words(Language.DE).tongue(tag), Words(Language.EN).tongue(tag)) == (german, english)
