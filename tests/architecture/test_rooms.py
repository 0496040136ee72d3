"""Every service has the same rooms, and imports go the way that the rules of ``.importlinter`` say."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.source import ROOT, SERVICES

ROOMS = frozenset({
    "__main__", "api", "app", "commands", "domain", "migrations", "projections", "publishing", "queries", "store",
})  # fmt: skip
# What a service may have besides; whoever adds a room says here what it is for.
MORE = {
    "cli": "its commands of the command line",
    "solver": "the only imports of the solver's library",
    "exports": "reports as files",
    "locale": "its words",
}
PACKAGES = ("api", "commands", "domain", "migrations", "projections", "queries", "store")


def rooms_of(service: Path) -> set[str]:
    names = {path.stem for path in service.iterdir() if path.suffix == ".py" or (path / "__init__.py").is_file()}
    return names - {"__init__"}


@pytest.mark.parametrize("service", SERVICES)
def test_service_has_the_rooms_of_all_services_and_no_room_without_a_reason(service: str) -> None:
    rooms = rooms_of(ROOT / "services" / service)
    assert rooms >= ROOMS
    assert rooms <= ROOMS | set(MORE)
    assert all((ROOT / "services" / service / name / "__init__.py").is_file() for name in PACKAGES)


@pytest.mark.parametrize("service", SERVICES)
def test_every_room_says_what_it_is_for(service: str) -> None:
    folder = ROOT / "services" / service
    for module in [folder / "__init__.py", *(folder / name / "__init__.py" for name in PACKAGES)]:
        assert module.read_text().startswith('"""'), module


def test_rule_sees_a_room_that_is_missing_and_one_that_nobody_named(tmp_path: Path) -> None:
    for name in (*ROOMS - {"queries"}, "helpers"):
        (tmp_path / f"{name}.py").touch()
    assert ROOMS - rooms_of(tmp_path) == {"queries"}
    assert rooms_of(tmp_path) - ROOMS - set(MORE) == {"helpers"}


def test_imports_go_the_way_they_may() -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    answer = subprocess.run([str(linter)], cwd=ROOT, capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stdout
