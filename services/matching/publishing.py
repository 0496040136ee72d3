"""Matching's aggregates in the published language. The only file that knows both words."""

from dataclasses import asdict

from services.matching.domain.proposals import Proposal
from services.matching.domain.tandems import Tandem
from services.matching.domain.waiting import Waiter
from shared.contracts.matching import ProposalV1, TandemV1, TandemVersion, WaitingReason, WaitingV1


def tandem_v1(tandem: Tandem) -> TandemV1:
    """A tandem with its earlier versions."""
    return TandemV1(
        id=tandem.id,
        engagement=tandem.engagement,
        participation=tandem.participation,
        recorded_at=tandem.recorded_at,
        phase=tandem.phase,
        side=tandem.side,
        review_on=tandem.review_on,
        versions=tuple(
            TandemVersion(**asdict(version.counted), recorded_at=version.recorded_at, reason=version.reason)
            for version in tandem.versions
        ),
        **asdict(tandem.counted),
    )


def proposal_v1(proposal: Proposal) -> ProposalV1:
    """A proposal and what became of it."""
    return ProposalV1.model_validate(
        {
            "id": proposal.id,
            "round": proposal.round,
            "programme": proposal.programme,
            "engagement": proposal.engagement,
            "participation": proposal.participation,
            "state": proposal.state,
            "because": proposal.because,
            "fit": proposal.fit["total"],
            "decided_at": proposal.decided_at,
            "side": proposal.side,
            "told_on": proposal.told_on,
            "expires_on": proposal.expires_on,
        }
    )


def waiting_v1(waiter: Waiter) -> WaitingV1:
    """A participation that waits; its special topics stay here."""
    return WaitingV1(
        participation=waiter.id,
        round=waiter.round,
        programme=waiter.programme,
        district=waiter.district,
        languages=waiter.languages,
        topics=waiter.topics,
        waiting_since=waiter.waiting_since,
        lacks=waiter.lacks,
        reasons=tuple(WaitingReason(rule=rule, mentors=mentors) for rule, mentors in waiter.reasons),
    )
