"""A report as data: what is said, about which days, made from which rows. No words of a language, no layout."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from services.reporting.domain.report_targets import Target
from services.reporting.domain.report_values import Amount, Gap, Kind, Table, first_and_last
from shared.kernel.dates import Period

_SHA256 = re.compile(r"[0-9a-f]{64}")


class Language(StrEnum):
    """The languages that reports are written in; German first."""

    DE = "de"
    EN = "en"


class Audience(StrEnum):
    """Who may read it. Printed on every report, and the one place that disclosure control asks."""

    INTERNAL = "internal"
    FUNDER = "funder"


@dataclass(frozen=True, slots=True)
class Carrier:
    """Who carried the programme in a part of the report's period. The name may be unknown."""

    name: str | Gap
    period: Period


@dataclass(frozen=True, slots=True)
class MadeFrom:
    """The evidence: everything recorded up to and including `cut`, `rows` many, with the SHA-256 of those rows."""

    cut: datetime
    rows: int
    sha256: str

    def __post_init__(self) -> None:
        _must_be_utc(self.cut)
        if self.rows < 0 or not _SHA256.fullmatch(self.sha256):
            raise ValueError("a report names how many rows it was made from, and their sha256 in lower-case hex")


@dataclass(frozen=True, slots=True)
class Figure:
    """One number with its indicator code. `kind` is its unit."""

    code: str
    value: Amount
    kind: Kind = Kind.COUNT

    def __post_init__(self) -> None:
        if not self.kind.numeric:
            raise ValueError(f"figure {self.code}: {self.kind} is no unit")


@dataclass(frozen=True, slots=True)
class Section:
    """A heading code, the definition codes that say what is counted, figures and tables."""

    heading: str
    definitions: tuple[str, ...] = ()
    figures: tuple[Figure, ...] = ()
    tables: tuple[Table, ...] = ()


@dataclass(frozen=True, slots=True)
class Term:
    """The display name of a code that a city added itself, such as an entry of a programme's catalogue."""

    vocabulary: str
    code: str
    name: str


@dataclass(frozen=True, slots=True)
class Report:
    """Everything a writer needs. Two equal reports are written as equal bytes, in the formats that allow it.

    Title and names (programme, city, funders, framework, carriers, `terms`) are display strings; all else is a code.
    """

    title: str
    programme: str
    city: str
    period: Period
    audience: Audience
    language: Language
    made_at: datetime
    made_from: MadeFrom
    carriers: tuple[Carrier, ...] = ()
    funders: tuple[str, ...] = ()
    framework: str = ""
    targets: tuple[Target, ...] = ()
    sections: tuple[Section, ...] = ()
    terms: tuple[Term, ...] = ()

    def __post_init__(self) -> None:
        _must_be_utc(self.made_at)
        if not self.title.strip() or not self.programme.strip():
            raise ValueError("a report has a title and names its programme")
        first, last = first_and_last(self.period)
        for carrier in self.carriers:
            begin, end = first_and_last(carrier.period)
            if begin < first or last < end:
                raise ValueError("a carrier is named for a part of the report's period")

    @property
    def empty(self) -> bool:
        """True when nothing was recorded in the period, or nothing is shown of it."""
        shown = self.targets or any(section.figures or section.tables for section in self.sections)
        return self.made_from.rows == 0 or not shown


def _must_be_utc(instant: datetime) -> None:
    if instant.utcoffset() != timedelta(0):
        raise ValueError(f"instants are UTC: {instant.isoformat()}")
