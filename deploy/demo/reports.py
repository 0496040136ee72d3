"""The report of each programme, when reporting has counted what the demo entered; as files, and as a comparison."""

import asyncio
import time
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from deploy.demo.client import Client, UnexpectedAnswerError, auditor, coordinator
from deploy.demo.data import Reference, Row
from deploy.demo.days import Days
from deploy.demo.screen import Step
from deploy.demo.world import COUNTED, Body, World

FORMATS: Final = ("html", "csv", "xlsx", "pdf")
_COUNTED_WITHIN: Final = 60.0
_FIRST_DAY: Final = "2018-01-01"
"""For programmes whose beginning nobody has stated: earlier than anything entered of them."""


@dataclass(frozen=True, slots=True)
class ReportOf:
    """One programme's report from ``begin`` up to, but without, ``until``."""

    city: str
    programme: str
    begin: str
    until: str

    @property
    def path(self) -> str:
        """Its resource."""
        return f"cities/{self.city}/programmes/{self.programme}"

    @property
    def period(self) -> dict[str, str]:
        """Its period as parameters."""
        return {"begin": self.begin, "until": self.until}


@dataclass(frozen=True, slots=True)
class Made:
    """A report that was made: where its files are, and its figures."""

    of: ReportOf
    files: tuple[Path, ...]
    visits: int
    figures: dict[str, int]
    targets: tuple[Body, ...]


def reports_of(reference: Reference, days: Days) -> list[ReportOf]:
    """A report over each programme's whole period, up to today."""
    return [_report_of(city, programme, days) for city, programme in reference.programmes()]


def _report_of(city: str, programme: Row, days: Days) -> ReportOf:
    tomorrow = (days.today + timedelta(days=1)).isoformat()
    until = min(programme.get("until") or tomorrow, tomorrow)
    return ReportOf(city, programme["slug"], programme.get("begin") or _FIRST_DAY, until)


async def make_reports(client: Client, world: World, wanted: list[ReportOf], folder: Path, step: Step) -> list[Made]:
    """The files of every report in ``folder``, which is there.

    Raises ``UnexpectedAnswerError`` where a figure is not what was entered; differing visits are the caller's to judge.
    """
    step.total(len(wanted) * len(FORMATS))
    made: list[Made] = []
    deadline = time.monotonic() + _COUNTED_WITHIN
    # One after the other: a PDF keeps one core busy, and the services need the other.
    for one in wanted:
        figures = await _counted(client, world, one, deadline)
        files = [await _file(client, one, kind, folder, step) for kind in FORMATS]
        values = {row["code"]: row["value"] for row in figures["figures"]}
        made.append(Made(one, tuple(files), figures["visits"], values, tuple(figures["targets"])))
    step.tell(f"{len(made)} programmes, {len(made) * len(FORMATS)} files, {sum(one.visits for one in made)} visits")
    return made


async def _counted(client: Client, world: World, one: ReportOf, deadline: float) -> Body:
    """The figures, once they agree with what was entered or the time is over."""
    caller = auditor(one.city, one.programme)
    while True:
        found: Body = await client.get(caller, "reporting", f"{one.path}/figures", **one.period)
        wrong = _differences(found, world, one.programme)
        if not wrong or time.monotonic() > deadline:
            break
        await asyncio.sleep(0.2)
    if wrong and wrong[0][0] != "visits":
        told = ", ".join(f"{code} {actual} instead of {expected}" for code, actual, expected in wrong)
        raise UnexpectedAnswerError(f"the report of {one.programme} has {told}")
    return found


def _differences(found: Body, world: World, programme: str) -> list[tuple[str, Any, int]]:
    """Code, figure and expectation, the visits first."""
    expected = world.expected.get(programme, Counter())
    values = {row["code"]: row["value"] for row in found["figures"]} | {"visits": found["visits"]}
    pairs = [(code, values.get(code, 0), expected.get(code, 0)) for code in COUNTED]
    return [pair for pair in pairs if pair[1] != pair[2]]


async def _file(client: Client, one: ReportOf, kind: str, folder: Path, step: Step) -> Path:
    caller, parameters = coordinator(one.city, one.programme), {**one.period, "format": kind, "language": "de"}
    answer = await client.call(caller, "reporting", "GET", f"{one.path}/report", params=parameters)
    if not answer.content:
        raise UnexpectedAnswerError(f"the report of {one.programme} as {kind} is empty")
    file = folder / f"{one.programme}.{kind}"
    file.write_bytes(answer.content)
    step.advance()
    return file


async def seal(client: Client, one: ReportOf, step: Step) -> None:
    """A report kept for ever with the rows it was counted from, by the coordinator; proven to an auditor."""
    body = {"programme": one.programme, **one.period}
    sealed = await client.post(
        coordinator(one.city, one.programme), "reporting", f"cities/{one.city}/reports", body
    )  # fmt: skip
    path = f"cities/{one.city}/reports/{sealed['id']}:verify"
    proof = await client.post(auditor(one.city, one.programme), "reporting", path)
    if not proof["valid"]:
        raise UnexpectedAnswerError(f"the sealed report of {one.programme} does not verify")
    step.tell(f"{one.programme}: sealed, and verified by an auditor, rows SHA-256 {proof['rows_sha256'][:16]}…")
