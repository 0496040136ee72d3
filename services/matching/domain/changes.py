"""What has changed since an instant: each act of a person or of a night, by id and code, oldest first."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from services.matching.domain.proposals import ACCEPTED, EXPIRED, REJECTED, Proposal
from services.matching.domain.tandems import Tandem
from shared.kernel.classified import classified
from shared.kernel.clock import BERLIN, write_instant

Params = tuple[tuple[str, str], ...]


@classified(internal="at kind about programme params", personal="subject")
@dataclass(frozen=True, slots=True)
class Change:
    """What happened to what, when; ``about`` is where it is, below the city."""

    at: str
    kind: str
    subject: str
    about: str
    programme: str
    params: Params = ()

    @property
    def place(self) -> str:
        """Its place in the list."""
        return f"{self.at}|{self.kind}|{self.subject}"


def last_working_day(day: str) -> str:
    """The instant at which the working day before ``day`` begins in Germany; holidays are taken for working days."""
    before = date.fromisoformat(day) - timedelta(days=1)
    while before.weekday() > 4:
        before -= timedelta(days=1)
    return write_instant(datetime(before.year, before.month, before.day, tzinfo=BERLIN))


def of_proposal(proposal: Proposal) -> Iterator[Change]:
    """Everything that a proposal remembers of itself."""

    def change(at: str | None, kind: str, *params: tuple[str, str | None]) -> Iterable[Change]:
        told = tuple((name, value) for name, value in params if value is not None)
        about = f"proposals/{proposal.id}"
        return () if at is None else (Change(at, kind, proposal.id, about, proposal.programme, told),)

    yield from change(proposal.drafted_at, "proposal-drafted")
    yield from change(proposal.told_at, "proposal-told")
    for side, answer in sorted(proposal.answers.items()):
        yield from change(answer.at, "proposal-answered", ("side", side), ("said", answer.said))
    yield from change(proposal.undone_at, "proposal-undone")
    if proposal.state in (ACCEPTED, EXPIRED, REJECTED):
        because = ("because", proposal.because)
        yield from change(proposal.decided_at, f"proposal-{proposal.state}", because, ("tandem", proposal.tandem))


def of_tandem(tandem: Tandem) -> Iterator[Change]:
    """Its beginning, its phases, its ends."""

    def change(at: str, kind: str, *params: tuple[str, str | None]) -> Change:
        told = tuple((name, value) for name, value in params if value is not None)
        return Change(at, kind, tandem.id, f"tandems/{tandem.id}", tandem.counted.programme, told)

    yield change(tandem.began_at, "tandem-begun", ("because", tandem.because))
    for step in tandem.steps[1:]:
        yield change(step.at, "tandem-moved", ("phase", step.phase), ("because", step.because))
    states = [*(version.counted for version in tandem.versions[1:]), tandem.counted]
    times = [*(version.recorded_at for version in tandem.versions[1:]), tandem.recorded_at]
    for version, counted, at in zip(tandem.versions, states, times, strict=True) if tandem.versions else ():
        yield change(at, f"tandem-{version.reason}", ("because", counted.ended_because))
