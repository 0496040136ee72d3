"""The summary, the verdict and the lock."""

import json
from collections import Counter
from pathlib import Path

import pytest

from deploy.demo.__main__ import ROOT, verdict
from deploy.demo.data import read_reference
from deploy.demo.days import Days
from deploy.demo.lock import DemoRunsError, only_one
from deploy.demo.reports import Made, ReportOf, reports_of
from deploy.demo.screen import Screen
from deploy.demo.summary import Outcome, summary, write_summary
from deploy.demo.world import FORMER, Logged, World
from tests.unit.demo.test_plans import TODAY

FILE = ROOT / "build" / "demo" / "reports" / f"{FORMER}.pdf"
TARGET = {"indicator": "volunteers_won", "target": {"at_least": 8}, "actual": 18, "reached_percent": 225}


def _outcome(accepted: int, reported: int) -> Outcome:
    world = World(visits=Logged(sent=9, answers=Counter(stored=accepted, duplicate=9 - accepted)))
    made = Made(ReportOf("salzgitter", FORMER, "2010-03-01", "2011-01-01"), (FILE,), reported, {}, (TARGET,))
    return Outcome(world, (made,), {"set_up": 1.5, "stack": 2.0, "job": 3.25})


def test_summary_has_the_documented_shape(tmp_path: Path) -> None:
    file = tmp_path / "summary.json"
    write_summary(summary(_outcome(3, 3), read_reference(), ROOT), file)
    assert json.loads(file.read_text()) == {
        "cities": ["rostock", "wismar", "salzgitter", "stuttgart"],
        "mentors": {"enrolled": 0, "certified": 0},
        "volunteers": 0,
        "families": 0,
        "tandems": 0,
        "waiting": [],
        "visits": {"sent": 9, "unique": 3, "in_report": 3},
        "reports": [{"programme": FORMER, "files": [f"build/demo/reports/{FORMER}.pdf"], "targets": [TARGET]}],
        "carriers": {},
        "expired": [],
        "newcomer": {},
        "certificate": "",
        "round": {},
        "seconds": {"set_up": 1.5, "stack": 2.0, "job": 3.25},
    }


@pytest.mark.parametrize(("reported", "code"), [(3, 0), (2, 1), (4, 1)])
def test_demo_fails_when_the_reports_count_other_visits_than_were_accepted(reported: int, code: int) -> None:
    assert verdict(Screen(), _outcome(3, reported), Path("build/demo")) == code


def test_second_demo_on_a_folder_is_told_who_runs(tmp_path: Path) -> None:
    lock = tmp_path / "demo.lock"
    with only_one(lock), pytest.raises(DemoRunsError, match=r"process [0-9]+, since"), only_one(lock):
        pass
    with only_one(lock):
        pass


def test_reports_cover_whole_periods_up_to_today() -> None:
    by_slug = {one.programme: one for one in reports_of(read_reference(), Days(TODAY))}
    assert by_slug[FORMER].period == {"begin": "2010-03-01", "until": "2011-01-01"}
    assert by_slug["stadtteilmuetter-rostock"].period == {"begin": "2025-10-01", "until": "2026-11-26"}
