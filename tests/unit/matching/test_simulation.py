"""A replayed year, on pools small enough to follow by hand, and on a seeded one for what rhythms do."""

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from typer.testing import CliRunner

from services.cli import app
from services.matching.commands.solve_instance import solve_round
from services.matching.domain.instance_check import read_instance
from services.matching.domain.policy import Policy
from services.matching.domain.simulation import RHYTHMS, Way, Year, rounds_of, simulate
from tests.unit.matching.build import DATE, family, instance, mentor, random_instance


def year(data: dict[str, Any], rhythm: str, lasting: int = 90) -> Year:
    return simulate(read_instance(data), Policy(), Way(rhythm, lasting), solve_round, lambda: None)


def test_families_wait_for_the_next_round_and_no_longer() -> None:
    days = ["2025-12-01", "2025-12-02", "2025-12-09"]
    rows = [family(f"f{number}", waiting_since=day) for number, day in enumerate(days)]
    data = instance([mentor(capacity=3)], rows)
    weekly, daily = year(data, "weekly"), year(data, "daily")
    assert (weekly.helped, weekly.days_p50, weekly.days_max) == (3, 6, 6)
    assert (daily.helped, daily.days_p50, daily.days_max) == (3, 0, 0)
    assert (weekly.rounds, daily.rounds) == (7, 46)


@pytest.mark.parametrize(("lasting", "waited"), [(10, 9), (20, 19)])
def test_a_place_comes_back_when_its_tandem_ends(lasting: int, waited: int) -> None:
    rows = [family("f1", waiting_since="2025-12-01"), family("f2", waiting_since="2025-12-02")]
    found = year(instance([mentor()], rows), "daily", lasting)
    assert (found.helped, found.days_max, found.left) == (2, waited, 0)


def test_tandems_that_run_at_the_beginning_take_their_places() -> None:
    rows = [family("f1", waiting_since="2025-12-01"), family("f2", waiting_since="2025-12-01")]
    found = year(instance([mentor()], rows, frozen=[["m1", "f1"]]), "daily", 30)
    assert (found.helped, found.days_max) == (1, 30)


def test_who_is_never_helped_is_left() -> None:
    found = year(instance([], [family(waiting_since="2026-01-05")]), "weekly")
    assert (found.helped, found.left, found.left_days, found.fit) == (0, 1, 10, 0)


def test_a_pool_without_families_holds_one_round() -> None:
    assert year(instance([mentor()], []), "monthly").rounds == 1


@pytest.mark.parametrize("seed", range(3))
def test_frequent_rounds_shorten_waiting_and_cost_fit_never_people(seed: int) -> None:
    data = random_instance(seed, mentors=25, families=150)
    for number, row in enumerate(data["families"]):
        row["waiting_since"] = (date.fromisoformat(DATE) - timedelta(days=2 * number)).isoformat()
    data["drafts"] = []
    years = {rhythm: year(data, rhythm, 60) for rhythm in RHYTHMS}
    assert years["daily"].days_p50 <= years["monthly"].days_p50
    assert years["daily"].helped >= years["monthly"].helped > 20
    for rhythm, found in years.items():
        assert found.rounds == rounds_of(read_instance(data), rhythm)
        assert found.helped + found.left == found.families
    assert years["daily"] == year(data, "daily", 60), "the same year again"


def command(*arguments: str) -> Any:
    return CliRunner().invoke(app, ["match", "simulate", *arguments])


def test_command_compares_rhythms_and_policies_of_an_invented_town(tmp_path: Path) -> None:
    policy, chart = tmp_path / "policy.json", tmp_path / "chart.svg"
    policy.write_text('{"version": "slow", "wait_band_days": 28}')
    given = ("--families", "40", "--mentors", "10", "--rhythm", "weekly", "--rhythm", "monthly")
    first = command(*given, "--policy", str(policy), "--chart", str(chart), "--json")
    assert first.exit_code == 0, first.output
    years = json.loads(first.stdout)
    assert [(one["rhythm"], one["policy"]) for one in years] == [("weekly", "slow"), ("monthly", "slow")]
    assert years == json.loads(command(*given, "--policy", str(policy), "--json").stdout)
    assert years != json.loads(command(*given, "--seed", "2", "--json").stdout)
    drawn = ElementTree.fromstring(chart.read_text(encoding="utf-8"))  # noqa: S314 -- written by the command itself
    texts = [one.text for one in drawn.iter("{http://www.w3.org/2000/svg}text")]
    assert f"{years[0]['helped']} of 40 helped" in texts
    table = command(*given).stdout.splitlines()
    assert table[0].startswith("rhythm")
    assert [row.split()[0] for row in table[1:]] == ["weekly", "monthly"]


def test_command_replays_a_file_of_one_s_own(tmp_path: Path) -> None:
    file = tmp_path / "instance.json"
    rows = [family("f1", waiting_since="2025-12-01"), family("f2", waiting_since="2025-12-02")]
    file.write_text(json.dumps(instance([mentor()], rows)))
    (found,) = json.loads(command(str(file), "--rhythm", "daily", "--lasting", "20", "--json").stdout)
    assert (found["helped"], found["days_max"]) == (2, 19)


@pytest.mark.parametrize(
    ("content", "options", "said"),
    [
        ("{", (), "not JSON"),
        ("[]", (), "wrong-type"),
        ("{}", ("--rhythm", "hourly"), "--rhythm: hourly is none of daily, weekly, monthly"),
        (None, (), "No such file"),
    ],
)
def test_command_refuses_with_one_line(
    tmp_path: Path, content: str | None, options: tuple[str, ...], said: str
) -> None:
    file = tmp_path / "instance.json"
    if content is not None:
        file.write_text(content)
    found = command(str(file), *options)
    assert (found.exit_code, found.stdout) == (2, "")
    assert said in found.stderr
    assert len(found.stderr.splitlines()) == 1
