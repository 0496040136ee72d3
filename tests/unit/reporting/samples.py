"""Two reports to look at and to test with; figures of the real programmes, everything else invented."""

from dataclasses import replace
from datetime import UTC, datetime

from services.reporting.domain.report import Audience, Carrier, Figure, Language, MadeFrom, Report, Section
from services.reporting.domain.report_targets import AtLeast, AtMost, Target, Within
from services.reporting.domain.report_values import Column, Gap, Kind, Table
from shared.kernel.dates import Period

FUNDERS = (
    "Bundesministerium für Familie, Senioren, Frauen und Jugend",
    "Europäischer Sozialfonds für Deutschland",
    "Europäische Union",
)
LONG_NAME = (
    "Begegnungs-, Beratungs- und Nachbarschaftshilfezentrum für Familien und ältere Menschen Lütten Klein-Südblick"
)


def neighbour_report(language: Language = Language.DE) -> Report:
    """ "Die offizielle Nachbarin", March to December 2010: 18 volunteers where 8 were asked for."""
    return Report(
        title="Sachbericht 2010" if language is Language.DE else "Report on the project 2010",
        programme="Die offizielle Nachbarin",
        city="Salzgitter",
        period=Period("2010-03-01", "2011-01-01"),
        audience=Audience.FUNDER,
        language=language,
        made_at=datetime(2011, 1, 20, 9, 30, tzinfo=UTC),
        made_from=MadeFrom(datetime(2011, 1, 15, 11, 0, tzinfo=UTC), 214, "9f" * 32),
        carriers=(Carrier("SOS-Kinderdorf e.V.", Period("2010-03-01", "2011-01-01")),),
        funders=FUNDERS,
        framework="STÄRKEN vor Ort",
        targets=(Target("volunteers_won", AtLeast(8), 18),),
        sections=(_outcomes(), _requests()),
    )


def _outcomes() -> Section:
    return Section(
        "outcomes",
        ("volunteers_won", "supported_into_self_employment", "by_own_date"),
        (Figure("volunteers_won", 18), Figure("supported_into_self_employment", 2)),
    )


def _requests() -> Section:
    rows = (
        ("reading_aloud", 31, 27),
        ("child_care", 24, 24),
        ("learning_german", 17, 15),
        ("furnishing_a_flat", 9, 8),
        ("handicraft_painting", 6, 6),
        ("housework", 5, Gap.UNKNOWN),
        ("dementia_care", 0, 0),
    )
    columns = (
        Column("service", Kind.TERM, "service"),
        Column("requests_brokered", Kind.COUNT),
        Column("requests_fulfilled", Kind.COUNT),
    )
    table = Table("requests_brokered", columns, rows, ("service",), (None, 92, 80), "requests_brokered")
    return Section("requests", ("requests_brokered", "requests_fulfilled", "unknown_is_not_zero"), tables=(table,))


def mothers_report(language: Language = Language.DE) -> Report:
    """Stadtteilmütter: visits, hours, families by language, topic and district, and who is waiting."""
    return Report(
        title="Jahresbericht 2025" if language is Language.DE else "Annual report 2025",
        programme="Stadtteilmütter",
        city="Rostock",
        period=Period("2024-07-01", "2026-01-01"),
        audience=Audience.INTERNAL,
        language=language,
        made_at=datetime(2026, 1, 12, 8, 5, tzinfo=UTC),
        made_from=MadeFrom(datetime(2026, 1, 10, 22, 0, 0, 120_000, tzinfo=UTC), 1243, "4b" * 32),
        carriers=(
            Carrier("Muster-Träger Nord gGmbH", Period("2024-07-01", "2025-01-01")),
            Carrier("VS Kinder- und Jugendhilfe Region Rostock gGmbH", Period("2025-01-01", "2026-01-01")),
        ),
        targets=(
            Target("mentors_certified", AtLeast(12), 11, due="2025-12-31"),
            Target("families_waiting", AtMost(10), 8),
            Target("visit_minutes", Within(60_000, 72_000), 74_070, Kind.MINUTES),
            Target("attendance", AtLeast(200), Gap.UNKNOWN),
        ),
        sections=(_visits(), _families(), _waiting()),
    )


def _visits() -> Section:
    columns = (Column("kind", Kind.TERM, "kind"), Column("visits", Kind.COUNT), Column("hours", Kind.MINUTES))
    rows = (
        ("home_visit", 1012, 48_210),
        ("accompaniment", 143, 15_405),
        ("offer", 38, 6_840),
        ("meeting", 21, 2_520),
        ("telephone", 29, 1_095),
    )
    table = Table("visits", columns, rows, ("kind",), (None, 1243, 74_070), "visits")
    figures = (Figure("visits", 1243), Figure("visit_minutes", 74_070, Kind.MINUTES), Figure("families_reached", 87))
    return Section("visits", ("visits", "visit_minutes", "by_own_date"), figures, (table,))


def _families() -> Section:
    count = Column("families_reached", Kind.COUNT)
    languages = (("ar", 34), ("uk", 21), ("fa", 14), ("ru", 12), ("fa-AF", 6), ("kmr", 3), (Gap.UNKNOWN, 2))
    topics = (("education", 41), ("health", 33), ("daily_life", 29), ("access_to_services", 18), ("upbringing", 16))
    districts = (("Groß Klein", 32), ("Schmarl", 24), ("Lichtenhagen", 17), (LONG_NAME, 14), ("Toitenwinkel", 0))
    return Section(
        "families",
        ("families_reached", "unknown_is_not_zero"),
        (),
        (
            Table(
                "families_reached",
                (Column("language", Kind.LANGUAGE), count),
                languages,
                ("language",),
                (None, 87),
                "families_reached",
            ),
            Table("families_reached", (Column("topic", Kind.TERM, "topic"), count), topics, ("topic",), (None, 87)),
            Table(
                "families_reached",
                (Column("district", Kind.NAME), count),
                districts,
                ("district",),
                (None, 87),
                "families_reached",
            ),
        ),
    )


def _waiting() -> Section:
    columns = (
        Column("language", Kind.LANGUAGE),
        Column("district", Kind.NAME),
        Column("families_waiting", Kind.COUNT),
    )
    rows = (("fa", "Lichtenhagen", 4), ("ar", "Schmarl", 3), ("uk", "Groß Klein", 1), ("ru", "Schmarl", Gap.HIDDEN))
    table = Table("families_waiting", columns, rows, ("language", "district"), (None, None, 8))
    return Section("waiting", ("families_waiting", "hidden_small_numbers"), (), (table,))


def empty_report(language: Language = Language.DE) -> Report:
    """A period in which nothing was recorded."""
    full = neighbour_report(language)
    sections = (Section("requests", tables=(replace(full.sections[1].tables[0], rows=(), totals=()),)),)
    made_from = MadeFrom(full.made_from.cut, 0, "00" * 32)
    return replace(full, targets=(), sections=sections, made_from=made_from)


def many_scripts_report(language: Language = Language.DE) -> Report:
    """Display names in Arabic, Persian, Ukrainian and Russian, alone and beside Latin letters."""
    columns = (Column("district", Kind.NAME), Column("families_reached", Kind.COUNT))
    rows: tuple[tuple[str | int | Gap, ...], ...] = (
        ("مركز الأسرة", 12),
        ("خانهٔ همسایگی لیختن‌هاگن", 7),
        ("Сусідський дім «Їжачок»", 5),
        ("Дом соседей на Южной улице", 3),
        ("Haus مرحبا Groß Klein", 1),
    )
    table = Table("families_reached", columns, rows, ("district",), (None, 28), "families_reached")
    return replace(
        neighbour_report(language),
        programme="أمهات الحي / Stadtteilmütter",
        funders=("صندوق الجوار", "Фонд «Добрі сусіди»"),
        carriers=(Carrier("انجمن مادران محله", Period("2010-03-01", "2011-01-01")),),
        sections=(Section("families", tables=(table,)),),
    )
