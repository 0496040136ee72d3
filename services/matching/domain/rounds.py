"""Rounds that were held: what went in and what came out."""

from dataclasses import dataclass, field
from typing import Any

from services.matching.domain.explanation import Reason
from shared.kernel.classified import classified


@classified(
    internal="id programme date recorded_at policy input_sha256 engine counts milliseconds left_out unavailable "
    "special version",
    personal="instance result",
)
@dataclass(frozen=True, slots=True)
class Round:
    """A round that was held: what went in and what came out, so that it can be solved again.

    ``instance`` and ``result`` are JSON, compressed (zlib). ``special`` says whether tokens of special topics are in.
    """

    id: str
    programme: str
    date: str
    recorded_at: str
    policy: dict[str, Any]
    input_sha256: str
    engine: str
    counts: dict[str, int]
    instance: bytes
    result: bytes
    milliseconds: int
    left_out: tuple[dict[str, str], ...] = ()
    unavailable: dict[str, Reason] = field(default_factory=dict)
    special: bool = False
    version: int = 0
