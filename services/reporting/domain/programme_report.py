"""The report of a programme: its header, its figures as sections and tables, its targets beside their actuals."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.reporting.domain.figures import Figures
from services.reporting.domain.report import Audience, Carrier, Figure, Language, MadeFrom, Report, Section
from services.reporting.domain.report_targets import AtLeast, AtMost, Goal, Target, Within
from services.reporting.domain.report_values import Cell, Column, Gap, Kind, Table
from shared.kernel.classified import classified
from shared.kernel.dates import Period


@classified(internal="slug programme city begin until title framework funders carriers districts targets corrections")
@dataclass(frozen=True, slots=True)
class Header:
    """What a report says of its programme; names as they are displayed, kept with a sealed report."""

    slug: str
    programme: str
    city: str
    begin: str
    until: str
    title: str
    framework: str = ""
    funders: tuple[str, ...] = ()
    carriers: tuple[tuple[str, str, str], ...] = ()
    """Name, first day, day after the last: each carrier for its part of the period."""
    districts: tuple[tuple[str, str], ...] = ()
    targets: tuple[Mapping[str, Any], ...] = ()
    corrections: tuple[tuple[str, int, int], ...] = ()
    """Code, figure as counted, figure with what came after the days were closed."""


_INDICATOR = Column("indicator", Kind.TERM, "indicator")
_CORRECTED = (
    "volunteers_won",
    "supported_into_self_employment",
    "outcomes",
    "visits",
    "visit_minutes",
    "families_reached",
    "requests_brokered",
    "requests_fulfilled",
    "requests_own",
    "activities",
    "attendance",
    "mentors_certified",
    "tandems",
)


def build_report(header: Header, figures: Figures, *, language: str, made_at: datetime, made_from: MadeFrom) -> Report:
    """The report as data, for all writers."""
    return Report(
        title=header.title,
        programme=header.programme,
        city=header.city,
        period=Period(header.begin, header.until),
        audience=Audience.FUNDER,
        language=Language(language),
        made_at=made_at,
        made_from=made_from,
        carriers=tuple(Carrier(name, Period(begin, until)) for name, begin, until in header.carriers),
        funders=header.funders,
        framework=header.framework,
        targets=tuple(_target(target, figures) for target in header.targets),
        sections=tuple(section for section in _sections(header, figures) if section is not None),
    )


def target_figures(header: Header, figures: Figures) -> list[dict[str, Any]]:
    """The targets as figures for programs: ``reached_percent`` is whole percent, ``None`` where there is no share."""
    rows: list[dict[str, Any]] = []
    for raw, target in zip(header.targets, [_target(raw, figures) for raw in header.targets], strict=True):
        share = target.reached_percent
        percent = round(share / 100) if isinstance(share, int) else None
        bounds = {name: raw[name] for name in ("at_least", "at_most") if raw.get(name) is not None}
        rows.append(
            {"indicator": target.indicator, "target": bounds, "actual": target.actual, "reached_percent": percent}
        )
    return rows


def _target(raw: Mapping[str, Any], figures: Figures) -> Target:
    indicator = str(raw["indicator"])
    goal = _goal(raw.get("at_least"), raw.get("at_most"))
    return Target(indicator, goal, figures.totals.get(indicator, Gap.UNKNOWN), due=raw.get("by"))


def _goal(low: int | None, high: int | None) -> Goal:
    if low is not None and high is not None:
        return Within(low, high)
    return AtMost(high) if high is not None else AtLeast(low or 0)


def _sections(header: Header, figures: Figures) -> list[Section | None]:
    return [
        _visits(figures),
        _families(header, figures),
        _people(figures),
        _requests(figures),
        _activities(figures),
        _waiting(header, figures),
        _corrections(header),
    ]


def _visits(figures: Figures) -> Section | None:
    totals = figures.totals
    if not totals["visits"]:
        return None
    kinds, minutes = figures.by["visits", "kind"], figures.by["visit_minutes", "kind"]
    columns = (Column("kind", Kind.TERM, "kind"), Column("visits", Kind.COUNT), Column("hours", Kind.MINUTES))
    rows = tuple((kind, number, minutes[kind]) for kind, number in kinds.items())
    table = Table("visits", columns, rows, ("kind",), (None, totals["visits"], totals["visit_minutes"]), "visits")
    shown = (
        Figure("visits", totals["visits"]),
        Figure("visit_minutes", totals["visit_minutes"], Kind.MINUTES),
        Figure("families_reached", totals["families_reached"]),
    )
    return Section("visits", ("visits", "visit_minutes", "by_own_date"), shown, (table,))


def _families(header: Header, figures: Figures) -> Section | None:
    total = figures.totals["families_reached"]
    if not total:
        return None
    names = dict(header.districts)
    count = Column("families_reached", Kind.COUNT)
    kinds = {
        "language": Column("language", Kind.LANGUAGE),
        "topic": Column("topic", Kind.TERM, "topic"),
        "district": Column("district", Kind.NAME),
    }
    tables = []
    for dimension, column in kinds.items():
        found = figures.by["families_reached", dimension]
        rows = tuple((_cell(names.get(value, value)), number) for value, number in found.items())
        tables.append(Table("families_reached", (column, count), rows, (dimension,), (None, total), "families_reached"))
    return Section("families", ("families_reached", "unknown_is_not_zero"), (), tuple(tables))


def _people(figures: Figures) -> Section | None:
    codes = (
        "volunteers_won",
        "mentors_certified",
        "tandems",
        "attendance",
        "supported_into_self_employment",
        "outcomes",
    )
    shown = tuple(Figure(code, figures.totals[code]) for code in codes if figures.totals[code])
    if not shown:
        return None
    explained = ("volunteers_won", "supported_into_self_employment")
    definitions = tuple(code for code in explained if figures.totals[code])
    return Section("outcomes", (*definitions, "by_own_date"), shown)


def _requests(figures: Figures) -> Section | None:
    if not figures.totals["requests"]:
        return None
    brokered = figures.by["requests_brokered", "service"]
    done = figures.by["requests_fulfilled", "service"]
    columns = (
        Column("service", Kind.TERM, "service"),
        Column("requests_brokered", Kind.COUNT),
        Column("requests_fulfilled", Kind.COUNT),
    )
    services = sorted({*brokered, *done})
    rows = tuple((name, brokered.get(name, 0), done.get(name, 0)) for name in services)
    totals = (None, figures.totals["requests_brokered"], figures.totals["requests_fulfilled"])
    table = Table("requests_brokered", columns, rows, ("service",), totals, "requests_brokered")
    return Section("requests", ("requests_brokered", "requests_fulfilled"), tables=(table,))


def _activities(figures: Figures) -> Section | None:
    if not figures.totals["activities"]:
        return None
    return Section("activities", ("activities",), (Figure("activities", figures.totals["activities"]),))


def _waiting(header: Header, figures: Figures) -> Section | None:
    if not figures.waiting:
        return None
    names = dict(header.districts)
    columns = (
        Column("language", Kind.LANGUAGE),
        Column("district", Kind.NAME),
        Column("families_waiting", Kind.COUNT),
    )
    rows = tuple(
        (_cell(language), _cell(names.get(district, district)), number)
        for (language, district), number in figures.waiting.items()
    )
    table = Table(
        "families_waiting", columns, rows, ("language", "district"), (None, None, figures.totals["families_waiting"])
    )
    return Section("waiting", ("families_waiting",), (), (table,))


def corrections_of(counted: Figures, known: Figures) -> tuple[tuple[str, int, int], ...]:
    """The totals that would be others with what came after the days were closed."""
    pairs = ((code, counted.totals[code], known.totals[code]) for code in _CORRECTED)
    return tuple(pair for pair in pairs if pair[1] != pair[2])


def _corrections(header: Header) -> Section | None:
    kinds = {Kind.COUNT: [row for row in header.corrections if row[0] != "visit_minutes"]}
    kinds[Kind.MINUTES] = [row for row in header.corrections if row[0] == "visit_minutes"]
    tables = tuple(
        Table("corrections", (_INDICATOR, Column("before", kind), Column("after", kind)), tuple(rows))
        for kind, rows in kinds.items()
        if rows
    )
    return Section("corrections", ("late_entries",), (), tables) if tables else None


def _cell(value: str) -> Cell:
    return Gap.UNKNOWN if value == "unknown" else value


def carriers_of(histories: Sequence[Sequence[tuple[str, str]]], begin: str, until: str) -> list[tuple[str, str, str]]:
    """The carriers of sites in a period: ``(carrier, first day, day after the last)``, each part once, by day.

    ``histories`` has, per site, the dated carriers sorted by day; the first entry also holds for earlier days.
    """
    parts: set[tuple[str, str, str]] = set()
    for history in histories:
        for number, (since, carrier) in enumerate(history):
            first = begin if number == 0 else max(begin, since)
            last = until if number + 1 == len(history) else min(until, history[number + 1][0])
            if first < last:
                parts.add((carrier, first, last))
    return sorted(parts, key=lambda part: (part[1], part[0]))
