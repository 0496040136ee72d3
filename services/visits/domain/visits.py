"""Visits: what was done, when, how long, about what; corrections keep the earlier versions."""

from dataclasses import dataclass, replace
from typing import Any, Final, Literal

from services.visits.domain.history import MOST_VERSIONS, Versions, superseding
from services.visits.domain.known import NOTE_NOT_KEPT, Moment, Setting, faults_of_choice, faults_of_day
from services.visits.domain.wall_clock import WallClock, faults_of
from shared.kernel.classified import classified
from shared.kernel.errors import Conflict, Finding, Refused
from shared.kernel.sealed import Sealed

COUNTED: Final = (
    "date", "programme", "site", "carrier", "district", "status", "kind", "minutes", "topics", "language",
)  # fmt: skip

Fate = Literal["stored", "duplicate", "corrected", "conflict"]


@dataclass(frozen=True, slots=True)
class Entry:
    """What somebody writes down of one contact."""

    id: str
    tandem: str
    kind: str
    date: str
    minutes: int
    topics: tuple[str, ...] = ()
    language: str | None = None
    started: WallClock | None = None


@classified(
    internal="id tandem programme date kind minutes topics language started site carrier district status warnings "
    "contents recorded_at versions version",
    personal="engagement participation note",
)
@dataclass(frozen=True, slots=True)
class Visit:
    """A contact of a tandem. The note is sealed; programme, site, carrier and district are as of its own date."""

    id: str
    tandem: str
    engagement: str
    participation: str
    programme: str
    date: str
    kind: str
    minutes: int
    topics: tuple[str, ...] = ()
    language: str | None = None
    started: WallClock | None = None
    site: str | None = None
    carrier: str | None = None
    district: str | None = None
    status: str = "valid"
    warnings: tuple[str, ...] = ()
    note: Sealed | None = None
    contents: tuple[str, ...] = ()
    """Marks of the contents that were sent under this id, the last one last; none once the family is erased."""
    recorded_at: str = ""
    versions: Versions = ()
    version: int = 0

    @property
    def entry(self) -> Entry:
        """What is written down at present."""
        return Entry(self.id, self.tandem, self.kind, self.date, self.minutes, self.topics, self.language, self.started)

    def corrected(
        self, entry: Entry, setting: Setting, moment: Moment, reason: str, *, note: Sealed | None, content: str = ""
    ) -> "Visit":
        """As ``entry`` says; what was counted before stays as a version with the reason.

        ``content`` is empty where no whole entry was sent. Raises ``Refused``, ``Conflict``.
        """
        if self.status == "void":
            raise Conflict("already-void")
        told = replace(self, **_told(entry, setting, moment, note))
        changed = superseding(self, told, COUNTED, moment.now, reason)
        if not self.contents:
            return changed
        return replace(changed, contents=(*self.contents, content)[-MOST_VERSIONS:])

    def voided(self, moment: Moment, reason: str) -> "Visit":
        """Not counted any more; its history stays. Raises ``Conflict("already-void")``."""
        if self.status == "void":
            raise Conflict("already-void")
        return superseding(self, replace(self, status="void"), COUNTED, moment.now, reason)

    def fate_of(self, content: str, corrects: int | None) -> Fate:
        """What becomes of an entry that is sent under this visit's id.

        A device that missed a correction may send the former content again: that is a duplicate, no conflict.
        """
        if self.contents and content == self.contents[-1]:
            return "duplicate"
        if corrects == self.version:
            return "corrected"
        return "duplicate" if not self.contents or content in self.contents else "conflict"


def log(entry: Entry, setting: Setting, moment: Moment, *, note: Sealed | None, content: str) -> Visit:
    """A new visit. Raises ``Refused`` with every fault of the entry."""
    return Visit(
        id=entry.id,
        tandem=setting.tandem,
        engagement=setting.engagement,
        participation=setting.participation,
        programme=setting.programme.slug,
        recorded_at=moment.now,
        contents=() if setting.forgotten else (content,),
        **_told(entry, setting, moment, note),
    )


def _told(entry: Entry, setting: Setting, moment: Moment, note: Sealed | None) -> dict[str, Any]:
    """What an entry makes of a visit. Raises ``Refused`` with every fault of the entry."""
    faults = _faults(entry, setting, moment.today)
    if faults:
        raise Refused("invalid", faults)
    hints = setting.hints(entry.date)
    if note is not None and setting.forgotten:
        note, hints = None, (*hints, NOTE_NOT_KEPT)
    return {
        "kind": entry.kind,
        "date": entry.date,
        "minutes": entry.minutes,
        "topics": tuple(dict.fromkeys(entry.topics)),
        "language": entry.language,
        "started": entry.started,
        "site": setting.place.site,
        "carrier": setting.place.carrier,
        "district": setting.place.district,
        "warnings": hints,
        "note": note,
    }


def _faults(entry: Entry, setting: Setting, today: str) -> tuple[Finding, ...]:
    faults, programme = faults_of_day(entry.date, today), setting.programme.on(entry.date)
    faults += faults_of_choice("/kind", entry.kind, programme.visit_kinds)
    for number, topic in enumerate(entry.topics):
        faults += faults_of_choice(f"/topics/{number}", topic, programme.topics)
    return faults + (faults_of(entry.date, entry.started) if entry.started is not None else ())
