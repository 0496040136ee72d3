"""What a round answers: proposals with reasons, who waits and why, what was reached, and the proof."""

from dataclasses import asdict, dataclass
from typing import Any

from services.matching.domain.certificate import Certificate
from services.matching.domain.explanation import Reason, Waiting
from services.matching.domain.fit import Fit
from services.matching.domain.tiers import Objective


@dataclass(frozen=True, slots=True)
class Proposal:
    """A new pair; frozen pairs are not repeated."""

    mentor: str
    family: str
    fit: Fit
    why: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class RoundResult:
    """The whole answer; the same for the same instance and policy, whatever the order of the input's lists."""

    pairs: tuple[Proposal, ...]
    waiting: tuple[Waiting, ...]
    objective: Objective
    certificate: Certificate
    input_sha256: str
    engine: str
    policy: str


def result_document(result: RoundResult, seconds: float) -> dict[str, Any]:
    """The result as its file; ``seconds`` is the wall time that the caller measured."""
    return {
        "pairs": [
            {"mentor": pair.mentor, "family": pair.family, "fit": pair.fit.document(), "why": list(pair.why)}
            for pair in result.pairs
        ],
        "waiting": [
            {"family": one.family, "first_failed": one.first_failed, "would_help": list(one.would_help)}
            for one in result.waiting
        ],
        "objective": {
            **asdict(result.objective),
            "wait_bands": [list(band) for band in result.objective.wait_bands],
        },
        "certificate": {
            "dual_gap": result.certificate.dual_gap,
            "violations": result.certificate.violations,
            "prices": {
                "mentors": dict(result.certificate.mentor_prices),
                "families": dict(result.certificate.family_prices),
            },
        },
        "input_sha256": result.input_sha256,
        "engine": result.engine,
        "policy": result.policy,
        "seconds": seconds,
    }
