from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest

from services.reporting.domain.report import Carrier, Figure, MadeFrom
from services.reporting.domain.report_values import Column, Gap, Kind, Table
from shared.kernel.dates import Period
from tests.unit.reporting.samples import empty_report, mothers_report, neighbour_report

COUNT = Column("visits", Kind.COUNT)
NAME = Column("district", Kind.NAME)


def test_table_refuses_cells_that_do_not_fit_their_column() -> None:
    for row in (("Schmarl", "3"), (3, 3), ("Schmarl", True), ("Schmarl",)):
        with pytest.raises(ValueError, match="table visits"):
            Table("visits", (NAME, COUNT), (row,))
    with pytest.raises(ValueError, match="table visits"):
        Table("visits", (NAME, COUNT), (), totals=(3,))


def test_table_takes_a_gap_anywhere_and_no_total_where_there_is_none() -> None:
    Table("visits", (NAME, COUNT), ((Gap.UNKNOWN, Gap.HIDDEN),), totals=(None, 3))


def test_table_draws_numeric_columns_only() -> None:
    with pytest.raises(ValueError, match="to draw"):
        Table("visits", (NAME, COUNT), (), chart="district")


def test_column_has_a_vocabulary_exactly_when_it_holds_terms() -> None:
    with pytest.raises(ValueError, match="vocabulary"):
        Column("topic", Kind.TERM)
    with pytest.raises(ValueError, match="vocabulary"):
        Column("district", Kind.NAME, "district")


def test_figure_needs_a_unit() -> None:
    with pytest.raises(ValueError, match="no unit"):
        Figure("visits", 3, Kind.NAME)


def test_report_refuses_open_periods_and_carriers_outside_its_own() -> None:
    report = neighbour_report()
    with pytest.raises(ValueError, match="first and a last day"):
        replace(report, period=Period("2010-03-01", None), carriers=())
    for outside in (Period("2010-02-28", "2011-01-01"), Period("2010-03-01", "2011-01-02")):
        with pytest.raises(ValueError, match="carrier"):
            replace(report, carriers=(Carrier("Muster e.V.", outside),))


def test_report_refuses_instants_that_are_not_utc() -> None:
    report = neighbour_report()
    berlin = datetime(2011, 1, 20, 9, 30, tzinfo=timezone(timedelta(hours=1)))
    with pytest.raises(ValueError, match="UTC"):
        replace(report, made_at=berlin)
    with pytest.raises(ValueError, match="UTC"):
        MadeFrom(berlin, 3, "00" * 32)


def test_report_names_the_sum_of_its_rows() -> None:
    cut = neighbour_report().made_from.cut
    for rows, sha256 in ((-1, "00" * 32), (1, "00" * 31), (1, "FF" * 32)):
        with pytest.raises(ValueError, match="sha256"):
            MadeFrom(cut, rows, sha256)


def test_report_is_empty_when_it_was_made_from_nothing_or_shows_nothing() -> None:
    assert empty_report().empty
    assert replace(neighbour_report(), targets=(), sections=()).empty
    assert not mothers_report().empty
