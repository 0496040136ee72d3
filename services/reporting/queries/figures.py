"""Figures of a programme or a city: which days, which facts, what they come to."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from services.reporting.domain.facts import Fact
from services.reporting.domain.figures import Figures, count
from services.reporting.domain.programme_report import Header, corrections_of
from services.reporting.store import known
from services.reporting.store.facts import Facts, facts_of
from services.reporting.store.known import Programme
from services.reporting.store.repositories import closed_periods
from shared.kernel.dates import Period
from shared.kernel.errors import Finding, Refused
from shared.storage.work import Reader

LAST_DAY: Final = date.max.isoformat()
"""Has no day after it."""


@dataclass(frozen=True, slots=True)
class Days:
    """The days that are asked for; ``until`` is not one of them. What is left out follows from the programme.

    ``asked_in`` begins the places that findings name: ``?`` for a query's parameters, ``/`` for a body's fields.
    """

    begin: str | None = None
    until: str | None = None
    asked_in: str = "?"


@dataclass(frozen=True, slots=True)
class Known:
    """Counted as known at ``cut``; ``present`` says that this is now."""

    cut: str
    present: bool
    today: str


@dataclass(frozen=True, slots=True)
class Part:
    """Only the facts of a district, a site or a carrier."""

    district: str | None = None
    site: str | None = None
    carrier: str | None = None

    def of(self, facts: Iterable[Fact]) -> tuple[Fact, ...]:
        """The facts that belong to it."""
        wanted = {name: getattr(self, name) for name in ("district", "site", "carrier")}
        wanted = {name: value for name, value in wanted.items() if value is not None}
        return tuple(fact for fact in facts if all(fact.fields.get(name) == wanted[name] for name in wanted))


WHOLE = Part()


@dataclass(frozen=True, slots=True)
class Answer:
    """The figures and what they were counted from."""

    header: Header
    facts: tuple[Fact, ...]
    figures: Figures
    cut: str


async def programme_figures(reader: Reader, programme: Programme, days: Days, at: Known, part: Part = WHOLE) -> Answer:
    """The figures of one programme. Raises ``Refused`` for days that are none."""
    closings = [period.as_closing for period in await closed_periods(reader, programme.slug)]
    query = {"programme": programme.slug}
    found = await facts_of(reader, query, at.cut, closings, present=at.present)
    facts = Facts(part.of(found.counted), part.of(found.known))
    period = _period(programme, days, facts.known, at.today)
    figures = count(facts.counted, period)
    cut = None if at.present else at.cut
    agreed = programme.on(_day_reported(period, at.today), cut)
    header = Header(
        slug=programme.slug,
        programme=programme.name,
        city=await known.city_name(reader),
        begin=str(period.begin),
        until=str(period.until),
        title=programme.name,
        framework=programme.framework,
        funders=agreed.funders,
        carriers=await known.carriers(reader, programme.sites, str(period.begin), str(period.until), cut),
        districts=await known.district_names(reader),
        targets=agreed.targets,
        corrections=corrections_of(figures, count(facts.known, period)),
    )
    return Answer(header, facts.counted, figures, at.cut)


async def city_figures(reader: Reader, days: Days, at: Known, part: Part = WHOLE) -> tuple[Period, Figures]:
    """The figures of all programmes of the city together; closings are a programme's own and play no part."""
    found = await facts_of(reader, {}, at.cut, present=at.present)
    facts = part.of(found.known)
    period = _days(days.begin or _first_day(facts, at.today), days.until or _day_after(at.today), days)
    return period, count(facts, period)


def _period(programme: Programme, days: Days, facts: Iterable[Fact], today: str) -> Period:
    begin = days.begin or programme.begin or _first_day(facts, today)
    if begin >= LAST_DAY:
        raise Refused("invalid", (Finding(f"{days.asked_in}begin", "too-late", f"< {LAST_DAY}"),))
    return _days(begin, days.until or programme.until or _day_after(max(today, begin)), days)


def _day_reported(period: Period, today: str) -> str:
    """The day whose targets and funders are reported: the period's last, or today while it runs."""
    begin, until = str(period.begin), str(period.until)
    last = (date.fromisoformat(until) - timedelta(days=1)).isoformat()
    return min(last, max(today, begin))


def _days(begin: str, until: str, asked: Days) -> Period:
    if begin >= until:
        raise Refused("invalid", (Finding(f"{asked.asked_in}until", "too-early", f"> {begin}"),))
    return Period(begin, until)


def _first_day(facts: Iterable[Fact], today: str) -> str:
    return min((fact.date for fact in facts if fact.valid), default=today)


def _day_after(day: str) -> str:
    return (date.fromisoformat(day) + timedelta(days=1)).isoformat()
