"""A solved round on its way into the store."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from services.matching.commands.drop_special import has_special
from services.matching.domain.explanation import Reason
from services.matching.domain.pool import Pool, PoolFile
from services.matching.domain.rounds import Round
from services.matching.domain.statistics import basis_points
from services.matching.store import round_files
from shared.kernel.canonical import content_hash
from shared.storage.work import Work


@dataclass(frozen=True, slots=True)
class HoldRound:
    """A solved round; ``expected`` is how many rounds the programme had when its pool was read.

    ``helps`` and ``files`` are those of ``SolvedPool``.
    """

    id: str
    expected: int
    pool: Pool
    file: PoolFile
    result: Mapping[str, Any]
    policy: dict[str, Any]
    helps: Mapping[str, tuple[Reason, ...]]
    files: Mapping[str, bytes]
    fairness: dict[str, Any] = field(default_factory=dict)


def record_of(command: HoldRound, work: Work, proposals: int, waiters: int) -> Round:
    """The round as it is stored, with how many proposals and waiting families came of it."""
    document, result = command.file.document, command.result
    taken = {family for _, family in document["frozen"]}
    open_rows = [row for row in document["families"] if row["id"] not in taken]
    counts = {
        "mentors": len(document["mentors"]),
        "families": len(document["families"]),
        "frozen": len(document["frozen"]),
        "open": len(open_rows),
        "urgent": sum(row["urgent"] for row in document["families"]),
        "urgent_share": basis_points(sum(row["urgent"] for row in open_rows), len(open_rows)),
        "proposals": proposals,
        "waiting": waiters,
        "left_out": len({one.id for one in command.file.left_out}),
        "unavailable": len(command.file.unavailable),
    }
    return Round(
        id=command.id,
        programme=command.pool.programme.slug,
        date=command.pool.date,
        recorded_at=work.now,
        policy=command.policy,
        input_sha256=result["input_sha256"],
        engine=result["engine"],
        counts=counts,
        milliseconds=round(result["seconds"] * 1_000),
        programmes=command.pool.slugs,
        begun_by=work.actor.subject,
        pairs_sha256=pairs_sha256(result),
        fairness=command.fairness,
        left_out=tuple({"id": one.id, "pointer": one.pointer} for one in command.file.left_out),
        unavailable=dict(command.file.unavailable),
        special=has_special(document),
    )


def pairs_sha256(result: Mapping[str, Any]) -> str:
    """Hash over the pairs that were chosen, whatever is told of them: what a replay must reach again."""
    return content_hash(sorted([pair["mentor"], pair["family"]] for pair in result["pairs"]))


async def store_files(work: Work, command: HoldRound) -> None:
    """What went in and what came out, beside the round; the time it took is the round's."""
    for kind, packed in command.files.items():
        await round_files.store(work, command.id, kind, packed)
