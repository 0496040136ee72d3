"""A stored round is solved once more: the same file and policy must give the same pairs, aims and proof."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from services.matching.commands.round_record import pairs_sha256
from services.matching.commands.solve_instance import solve_instance

_EMPTY: Mapping[str, Any] = {}


@dataclass(frozen=True, slots=True)
class Replay:
    """What was found the same; ``same_input`` is false where the stored file is not the one that was solved.

    Topics of a special category are taken out of stored files some time after the last decision; whoever solves what is
    left may get other pairs, which says nothing about the round.
    """

    same_input: bool
    same_pairs: bool
    same_objective: bool
    proven: bool
    pairs: int
    engine_then: str
    engine_now: str

    @property
    def same(self) -> bool:
        """Whether everything that the round reached was reached again, with a proof."""
        return self.same_pairs and self.same_objective and self.proven

    def document(self) -> dict[str, Any]:
        """All of it by name."""
        return {**asdict(self), "same": self.same}


def replay_round(told: Mapping[str, Any], instance: object) -> Replay:
    """Solves ``instance`` under the policy of ``told`` (a round as the service answers it) and compares.

    Raises ``Refused`` for an instance or policy that is none.
    """
    again = solve_instance(instance, told.get("policy"), lambda: 0.0)
    proof = again["certificate"]
    return Replay(
        same_input=again["input_sha256"] == told.get("input_sha256"),
        same_pairs=pairs_sha256(again) == told.get("pairs_sha256"),
        same_objective=again["objective"] == told.get("objective", _EMPTY),
        proven=proof["dual_gap"] == 0 and proof["violations"] == 0,
        pairs=len(again["pairs"]),
        engine_then=str(told.get("engine", "")),
        engine_now=again["engine"],
    )
