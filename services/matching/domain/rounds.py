"""Rounds that were held: what went in and what came out."""

from dataclasses import dataclass, field
from typing import Any

from services.matching.domain.explanation import Reason
from shared.kernel.classified import classified


@classified(
    internal="id programme programmes date recorded_at policy input_sha256 pairs_sha256 engine counts fairness "
    "milliseconds left_out unavailable special version",
    personal="begun_by",
)
@dataclass(frozen=True, slots=True)
class Round:
    """A round that was held; what went in and what came out are files beside it (``store/round_files.py``).

    ``programmes`` are all that it was about, where they shared a pool; ``programme`` led them.
    ``special`` says whether tokens of special topics are in them; ``begun_by`` is a user's id or a job's name.
    """

    id: str
    programme: str
    date: str
    recorded_at: str
    policy: dict[str, Any]
    input_sha256: str
    engine: str
    counts: dict[str, int]
    milliseconds: int
    programmes: tuple[str, ...] = ()
    begun_by: str = ""
    pairs_sha256: str = ""
    fairness: dict[str, Any] = field(default_factory=dict)
    left_out: tuple[dict[str, str], ...] = ()
    unavailable: dict[str, Reason] = field(default_factory=dict)
    special: bool = False
    version: int = 0

    @property
    def slugs(self) -> tuple[str, ...]:
        """Every programme whose pool it was; of rounds from before pools could be shared, its own."""
        return self.programmes or (self.programme,)
