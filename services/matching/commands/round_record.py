"""A solved round on its way into the store."""

import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from services.matching.commands.drop_special import has_special
from services.matching.domain.pool import Pool, PoolFile
from services.matching.domain.rounds import Round
from shared.kernel.canonical import canonical_json


@dataclass(frozen=True, slots=True)
class HoldRound:
    """A solved round; ``expected`` is how many rounds the programme had when its pool was read."""

    id: str
    expected: int
    pool: Pool
    file: PoolFile
    result: Mapping[str, Any]
    policy: dict[str, Any]


def record_of(command: HoldRound, now: str, proposals: int, waiters: int) -> Round:
    """The round as it is stored, with how many proposals and waiting families came of it."""
    document, result = command.file.document, command.result
    counts = {
        "mentors": len(document["mentors"]),
        "families": len(document["families"]),
        "frozen": len(document["frozen"]),
        "proposals": proposals,
        "waiting": waiters,
        "left_out": len({one.id for one in command.file.left_out}),
        "unavailable": len(command.file.unavailable),
    }
    return Round(
        id=command.id,
        programme=command.pool.programme.slug,
        date=command.pool.date,
        recorded_at=now,
        policy=command.policy,
        input_sha256=result["input_sha256"],
        engine=result["engine"],
        counts=counts,
        instance=zlib.compress(canonical_json(document)),
        result=zlib.compress(canonical_json({name: value for name, value in result.items() if name != "seconds"})),
        milliseconds=round(result["seconds"] * 1_000),
        left_out=tuple({"id": one.id, "pointer": one.pointer} for one in command.file.left_out),
        unavailable=dict(command.file.unavailable),
        special=has_special(document),
    )
