"""The demo as its users run it: a process of its own, on a stack of its own."""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from deploy.demo.data import read_reference
from deploy.demo.world import FORMER

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "build" / "demo-test"
LIMIT = 300.0
STARTS = {"html": b"<!doctype html>", "csv": b"\xef\xbb\xbf", "xlsx": b"PK", "pdf": b"%PDF-"}


@pytest.fixture(scope="module")
def summary() -> Iterator[dict[str, Any]]:
    """The summary of one run, which must have ended well."""
    command = [sys.executable, "-m", "deploy.demo", "--folder", str(FOLDER)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=LIMIT, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    yield json.loads((FOLDER / "summary.json").read_text())
    shutil.rmtree(FOLDER)
    FOLDER.with_name(FOLDER.name + ".lock").unlink()


@pytest.mark.slow
def test_demo_tells_the_numbers_of_the_story(summary: dict[str, Any]) -> None:
    assert summary["cities"] == ["rostock", "wismar", "salzgitter", "stuttgart"]
    assert summary["mentors"] == {"enrolled": 11, "certified": 9}
    assert (summary["volunteers"], summary["families"]) == (18 + 13 + 1, 40)
    visits = summary["visits"]
    assert visits["unique"] == visits["in_report"] == 150
    # Some entries were sent two times more; how many depends on who was matched, and so on the day.
    again = visits["sent"] - visits["unique"]
    assert again > 0
    assert again % 2 == 0
    assert summary["tandems"] + len(summary["waiting"]) == 43
    assert all(row["reasons"] for row in summary["waiting"])
    assert all(value >= 0 for value in summary["seconds"].values())


@pytest.mark.slow
def test_demo_writes_every_programme_in_every_format(summary: dict[str, Any]) -> None:
    slugs = [programme["slug"] for _, programme in read_reference().programmes()]
    assert [report["programme"] for report in summary["reports"]] == slugs
    for report in summary["reports"]:
        assert [Path(name).suffix[1:] for name in report["files"]] == list(STARTS)
        for name in report["files"]:
            head = (ROOT / name).read_bytes()[:64].lower()
            assert head.startswith(STARTS[Path(name).suffix[1:]].lower()), name


@pytest.mark.slow
def test_certified_mother_gets_a_certificate_in_two_languages(summary: dict[str, Any]) -> None:
    assert summary["mentors"]["certified"]
    german, arabic = (page.extract_text() for page in PdfReader(FOLDER / "certificate.pdf").pages)
    assert "Zertifikat" in german
    assert summary["certificate"].startswith("ROSTOCK-")
    assert summary["certificate"] in german
    assert summary["certificate"] in arabic
    assert "شهادة" in arabic


@pytest.mark.slow
def test_expired_clearance_is_due_and_keeps_its_bearer_out(summary: dict[str, Any]) -> None:
    (told,) = summary["expired"]
    assert "New tandems need a new proof" in told


@pytest.mark.slow
def test_newcomer_who_helps_is_one_person_and_her_mentor_s_phone_has_forgotten_her(summary: dict[str, Any]) -> None:
    assert summary["newcomer"] == {"participations": 1, "engagements": 1, "forgotten": 1}


@pytest.mark.slow
def test_project_of_2010_shows_its_target_beside_what_was_counted(summary: dict[str, Any]) -> None:
    report = next(one for one in summary["reports"] if one["programme"] == FORMER)
    expected = {"indicator": "volunteers_won", "target": {"at_least": 8}, "actual": 18, "reached_percent": 225}
    assert report["targets"] == [expected]
    text = (FOLDER / "reports" / f"{FORMER}.html").read_text()
    assert all(part in text for part in ("mindestens 8", "225", "Europäischer Sozialfonds für Deutschland"))


@pytest.mark.slow
def test_report_of_each_year_names_the_carrier_of_that_year(summary: dict[str, Any]) -> None:
    former, new = "Beispielträger e.V. (erfunden)", "VS Kinder- und Jugendhilfe Region Rostock gGmbH"
    assert summary["carriers"] == {"2024": [former], "2025": [new]}
    whole = (FOLDER / "reports" / "familientreff-kifaz.html").read_text()
    assert former in whole
    assert new in whole


@pytest.mark.slow
def test_logs_name_nobody(summary: dict[str, Any]) -> None:
    logs = "".join(file.read_text() for file in (FOLDER / "services").glob("*.log"))
    assert summary["families"]
    assert not [part for part in ("vogel", "hafen", "garten", "Musterweg", "0000 ", "disability") if part in logs]
