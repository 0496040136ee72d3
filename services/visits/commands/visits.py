"""Logging, correcting and voiding visits."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from services.visits.domain.visits import Visit
from services.visits.store import known
from services.visits.store.repositories import VISITS
from shared.kernel.canonical import content_hash
from shared.kernel.errors import Finding, NotFound, Refused
from shared.kernel.sealed import Sealed
from shared.storage.work import Reader, Work
from shared.web.etags import check_version

KINDS = ("home_visit", "accompaniment", "offer", "meeting", "telephone")


@dataclass(frozen=True, slots=True)
class LogVisit:
    """A visit as it is sent; ``person`` limits it to a mentor's own tandems."""

    id: str
    tandem: str
    kind: str
    date: str
    minutes: int
    topics: tuple[str, ...] = ()
    language: str | None = None
    note: Sealed | None = None
    person: str | None = None
    content: str = ""


def content_of(data: dict[str, Any]) -> str:
    """A hash of what was sent, so that a duplicate can be told from a conflict."""
    return content_hash(
        {name: value for name, value in sorted(data.items()) if value is not None and name != "corrects"}
    )


async def own_tandem(reader: Reader, key: str, person: str | None) -> known.KnownTandem:
    """The tandem; for a mentor, another's is as if it were not there."""
    found = await known.tandem(reader, key)
    if person is not None and found.person != person:
        raise NotFound("tandem-not-found")
    return found


async def log_visit(work: Work, command: LogVisit) -> Visit:
    """A visit with its dimensions as of its own date."""
    tandem = await own_tandem(work, command.tandem, command.person)
    programme = await known.programme(work, tandem.programme)
    _check(work.today, command, list(programme.get("activities") or KINDS), list(programme.get("topics") or ()))
    place = await known.place_of_visit(work, tandem, command.date)
    visit = Visit(
        id=command.id,
        tandem=tandem.id,
        engagement=tandem.engagement,
        participation=tandem.participation,
        programme=tandem.programme,
        date=command.date,
        kind=command.kind,
        minutes=command.minutes,
        topics=command.topics,
        language=command.language,
        site=place.site,
        carrier=place.carrier,
        district=place.district,
        note=command.note,
        content=command.content,
        recorded_at=work.now,
    )
    return await VISITS.save(work, visit, "visit-logged")


async def correct_visit(work: Work, key: str, expected: int, reason: str, changes: dict[str, Any]) -> Visit:
    """Changed counted fields; the former ones stay in the history."""
    visit = await VISITS.get(work, key)
    check_version(visit.version, expected)
    if "date" in changes:
        tandem = await known.tandem(work, visit.tandem)
        place = await known.place_of_visit(work, tandem, changes["date"])
        changes = {**changes, "site": place.site, "carrier": place.carrier, "district": place.district}
    return await VISITS.save(work, visit.corrected(work.now, reason, **changes), "visit-corrected", tuple(changes))


async def void_visit(work: Work, key: str, expected: int, reason: str) -> Visit:
    """Not counted any more."""
    visit = await VISITS.get(work, key)
    check_version(visit.version, expected)
    return await VISITS.save(work, visit.voided(work.now, reason), "visit-voided")


async def forget_notes(work: Work, participations: list[str]) -> None:
    """The sealed notes of an erased family go; the facts of the work stay."""
    for visit in await VISITS.find(work, {"participation": {"$in": participations}, "note": {"$ne": None}}):
        await VISITS.save(work, replace(visit, note=None), "note-erased")


def _check(today: str, command: LogVisit, kinds: list[str], topics: list[str]) -> None:
    findings: list[Finding] = []
    latest = (date.fromisoformat(today) + timedelta(days=1)).isoformat()
    if command.date > latest:
        findings.append(Finding("/date", "in-future", f"<= {latest}"))
    if command.kind not in kinds:
        findings.append(Finding("/kind", "not-one-of", ", ".join(kinds)))
    for number, topic in enumerate(command.topics):
        if topics and topic not in topics:
            findings.append(Finding(f"/topics/{number}", "not-one-of", ", ".join(topics)))
    if findings:
        raise Refused("invalid", tuple(findings))
