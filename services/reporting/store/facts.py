"""The counted facts, read from what the events left here; each is a function of its own last record alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from services.reporting.domain.facts import Closing, Fact, as_counted
from services.reporting.store import known
from shared.contracts.base import Counted
from shared.contracts.matching import TandemCounted
from shared.contracts.registry import AttendanceCounted, EngagementCounted, OutcomeCounted, ParticipationCounted
from shared.contracts.visits import ActivityCounted, RequestCounted, VisitCounted
from shared.storage.mongo import Document
from shared.storage.work import Reader


@dataclass(frozen=True, slots=True)
class Source:
    """Where the facts of a kind lie: their counted fields, and fields that no correction changes."""

    kind: str
    collection: str
    counted: type[Counted]
    fixed: tuple[str, ...] = ()


SOURCES: Final = (
    Source("visit", known.VISITS, VisitCounted, ("participation",)),
    Source("activity", known.ACTIVITIES, ActivityCounted),
    Source("request", known.REQUESTS, RequestCounted),
    Source("tandem", known.TANDEMS, TandemCounted),
    Source("engagement", known.ENGAGEMENTS, EngagementCounted, ("first",)),
    Source("participation", known.PARTICIPATIONS, ParticipationCounted, ("first",)),
    Source("attendance", known.ATTENDANCES, AttendanceCounted),
    Source("outcome", known.OUTCOMES, OutcomeCounted),
)
_WAITING = ("programme", "district", "languages", "topics", "lacks")
"""Matching did not always tell the last."""


@dataclass(frozen=True, slots=True)
class Facts:
    """The facts that are counted, and all that is known; they differ by what came after the days were closed."""

    counted: tuple[Fact, ...]
    known: tuple[Fact, ...]


async def facts_of(
    reader: Reader, query: Document, cut: str, closings: Sequence[Closing] = (), *, present: bool
) -> Facts:
    """What was known at the instant ``cut`` of all facts that fit the query, such as ``{"programme": "startklar"}``.

    ``present``: those who wait now are among them; of the past nobody kept who waited.
    """
    counted: list[Fact] = []
    known_too: list[Fact] = []
    for source in SOURCES:
        names = sorted(source.counted.model_fields)
        for row in await reader.find(source.collection, {**query, "erased": False}):
            pair = as_counted(row, names, cut, closings)
            for fields, facts in zip(pair, (counted, known_too), strict=True):
                if fields is not None and not _was_undone(source, fields):
                    facts.append(Fact(source.kind, row["_id"], fields | {name: row[name] for name in source.fixed}))
    waiting = await _waiting(reader, query) if present else []
    return Facts((*counted, *waiting), (*known_too, *waiting))


def _was_undone(source: Source, fields: Document) -> bool:
    """A tandem whose accept was taken back at once has never been one."""
    return source.kind == "tandem" and fields["ended_because"] == "undone"


async def _waiting(reader: Reader, query: Document) -> list[Fact]:
    rows = await reader.find(known.WAITING, {**query, "erased": False})
    return [
        Fact(
            "waiting",
            row["_id"],
            {"date": row["waiting_since"]} | {name: row[name] for name in _WAITING if name in row},
        )
        for row in rows
    ]
