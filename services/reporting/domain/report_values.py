"""What may stand in a report: kinds of values, gaps, tables.

Codes and raw numbers; words come later."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from shared.kernel.dates import Period, check_day


class Gap(StrEnum):
    """A value that is not a number, and is never shown as 0."""

    UNKNOWN = "unknown"
    HIDDEN = "hidden"
    """Known, but kept back so that nobody can be recognised."""


class Kind(StrEnum):
    """How the values of a column or figure are meant. Numbers are whole, in the unit named here."""

    TERM = "term"
    """A code of the column's vocabulary."""
    NAME = "name"
    """A display name, shown as it is."""
    LANGUAGE = "language"
    """A BCP 47 tag."""
    MONTH = "month"
    """`YYYY-MM`, a month in Europe/Berlin."""
    DAY = "day"
    """`YYYY-MM-DD`."""
    COUNT = "count"
    MINUTES = "minutes"
    BASIS_POINTS = "basis_points"
    CENTS = "cents"
    METRES = "metres"

    @property
    def numeric(self) -> bool:
        return self in _NUMERIC


_NUMERIC = frozenset({Kind.COUNT, Kind.MINUTES, Kind.BASIS_POINTS, Kind.CENTS, Kind.METRES})

Amount = int | Gap
Cell = int | str | Gap


def first_and_last(period: Period) -> tuple[date, date]:
    """The days that words name, both included. Raises `ValueError` for a period that is open on a side."""
    if period.begin is None or period.until is None:
        raise ValueError("a report is about a period with a first and a last day")
    return date.fromisoformat(check_day(period.begin)), date.fromisoformat(check_day(period.until)) - timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Column:
    """A column's title code and what its values mean. `vocabulary` is for terms only (`topic`, `service`, ...)."""

    code: str
    kind: Kind
    vocabulary: str = ""

    def __post_init__(self) -> None:
        if (self.kind is Kind.TERM) != bool(self.vocabulary):
            raise ValueError(f"column {self.code}: a vocabulary belongs to terms, and only to them")

    def accepts(self, cell: Cell) -> bool:
        if isinstance(cell, Gap):
            return True
        if self.kind.numeric:
            return isinstance(cell, int) and not isinstance(cell, bool)
        return isinstance(cell, str)


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under typed columns.

    `subject` is an indicator code and `by` its dimensions ("visits by kind"); without dimensions `subject` is a
    heading code. `totals` has one entry a column (`None`: no total there) or is empty; it is given, not summed here,
    since the families of two topics may be the same ones. `chart` names the numeric column to draw, if any.
    """

    subject: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    by: tuple[str, ...] = ()
    totals: tuple[Cell | None, ...] = ()
    chart: str = ""

    def __post_init__(self) -> None:
        if not self.columns:
            raise ValueError(f"table {self.subject}: no columns")
        for row in self.rows:
            self._check(row)
        if self.totals:
            self._check(self.totals)
        if self.chart and self.chart not in [column.code for column in self.columns if column.kind.numeric]:
            raise ValueError(f"table {self.subject}: {self.chart} is no numeric column to draw")

    def _check(self, cells: tuple[Cell | None, ...]) -> None:
        if len(cells) != len(self.columns):
            raise ValueError(f"table {self.subject}: {len(cells)} cells for {len(self.columns)} columns")
        for column, cell in zip(self.columns, cells, strict=True):
            if cell is not None and not column.accepts(cell):
                raise ValueError(
                    f"table {self.subject}: column {column.code} is {column.kind} and cannot hold {cell!r}"
                )
