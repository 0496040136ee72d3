"""Rounds as they are answered."""

from collections.abc import Mapping
from typing import Any

from pydantic import Field

from services.matching.api.views import Reasons
from services.matching.api.views.proposals import ProposalView, proposal_view
from services.matching.api.views.waiting import WaitingView, waiting_view
from services.matching.api.words import worded
from services.matching.commands.hold_round import HeldRound
from services.matching.domain.rounds import Round
from shared.web.bodies import View
from shared.web.desk import RequestDesk


class RoundView(View):
    """A round: what it was about, what came out, and the proof that nothing better was possible."""

    programme: str
    date: str
    recorded_at: str
    counts: dict[str, int] = Field(
        description="`open` are families without a tandem, `urgent_share` is the share of urgent ones among them in "
        "basis points: where it grows, urgency no longer says who comes first."
    )
    input_sha256: str
    pairs_sha256: str
    engine: str
    policy: dict[str, Any]
    objective: dict[str, Any] = Field(default_factory=dict)
    certificate: dict[str, Any] = Field(default_factory=dict)
    milliseconds: int
    left_out: list[dict[str, str]]
    unavailable: Reasons


class HeldRoundView(RoundView):
    """A round as it was held, with its proposals and those who wait."""

    proposals: list[ProposalView]
    waiting: list[WaitingView]


def round_view(desk: RequestDesk, held: Round, result: Mapping[str, Any] | None = None) -> RoundView:
    """A round; with its result also what it reached and the proof."""
    proof = {name: result[name] for name in ("objective", "certificate")} if result else {}
    return RoundView(
        id=held.id,
        version=held.version,
        actions=["instance"],
        programme=held.programme,
        date=held.date,
        recorded_at=held.recorded_at,
        counts=held.counts,
        input_sha256=held.input_sha256,
        pairs_sha256=held.pairs_sha256,
        engine=held.engine,
        policy=held.policy,
        milliseconds=held.milliseconds,
        left_out=list(held.left_out),
        unavailable=[
            {"engagement": key, **worded(reason, desk.language)} for key, reason in sorted(held.unavailable.items())
        ],
        **proof,
    )


def held_view(desk: RequestDesk, held: HeldRound) -> HeldRoundView:
    """A round that has just been held."""
    return HeldRoundView(
        **round_view(desk, held.round, held.result).model_dump(),
        proposals=[proposal_view(desk, proposal) for proposal in held.proposals],
        waiting=[waiting_view(desk, waiter) for waiter in held.waiting],
    )
