"""Proposals over HTTP: a person decides each of them."""

from typing import Any, Literal

from fastapi import APIRouter
from starlette.responses import Response

from services.matching.api.bodies.proposals import AcceptBody, ProposalId, RejectBody
from services.matching.api.bodies.rounds import RoundId
from services.matching.api.permissions import DECIDE, READ
from services.matching.api.reach import require_sides, visible
from services.matching.api.rounds import CONSENTS
from services.matching.api.views.proposals import ProposalView, proposal_view
from services.matching.api.views.tandems import TandemView, tandem_view
from services.matching.commands.begin_tandem import AcceptProposal, accept_proposal
from services.matching.commands.decide import RejectProposal, reject_proposal
from services.matching.domain.proposals import Proposal
from services.matching.store import PROPOSALS
from shared.messaging.freshness import require_fresh
from shared.web.bodies import Page, Slug
from shared.web.cursors import Cursor, Limit
from shared.web.desk import Desk, RequestDesk, needs

router = APIRouter(prefix="/v1/cities/{city}/proposals", tags=["proposals"])
State = Literal["draft", "accepted", "rejected", "expired"]


@router.get("", dependencies=[needs(READ)], response_model=Page[ProposalView], summary="List proposals")
async def list_proposals(
    desk: Desk,
    *,
    round: RoundId | None = None,
    programme: Slug | None = None,
    state: State | None = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Response:
    """Of a round, a programme, a state."""
    asked = {"round": round, "programme": programme, "state": state}
    query: dict[str, Any] = {name: value for name, value in asked.items() if value is not None}
    after = await desk.after(cursor)
    if after is not None:
        query["_id"] = {"$gt": after}
    query |= await visible(desk, "programme", "sites", "carriers")
    rows = await PROPOSALS.find(desk.reader, query, sort=[("_id", 1)], limit=limit + 1)
    return await desk.page(rows, limit=limit, key=lambda row: row.id, view=lambda row: proposal_view(desk, row))


@router.get("/{proposal_id}", dependencies=[needs(READ)], response_model=ProposalView, summary="Read a proposal")
async def read_proposal(proposal_id: ProposalId, desk: Desk) -> Response:
    """With its fit and the reasons."""
    found = await _own(desk, proposal_id)
    return desk.answer(found, proposal_view(desk, found))


@router.post(
    "/{proposal_id}:accept", dependencies=[needs(DECIDE, may_match=True)], response_model=TandemView, summary="Accept"
)
async def accept(proposal_id: ProposalId, desk: Desk, body: AcceptBody | None = None) -> Response:
    """A tandem begins, if there is still a place, the consent stands and nobody has rejected the pair."""
    await _own(desk, proposal_id)
    await require_fresh(desk.store, CONSENTS, "consents-stale")
    command = AcceptProposal(proposal_id, body.date if body else None)
    return await desk.commit(
        lambda work: accept_proposal(work, command), view=lambda tandem: tandem_view(desk, tandem), status=200
    )


@router.post(
    "/{proposal_id}:reject", dependencies=[needs(DECIDE, may_match=True)], response_model=ProposalView, summary="Reject"
)
async def reject(proposal_id: ProposalId, body: RejectBody, desk: Desk) -> Response:
    """The pair is excluded from the rounds that follow, until the day given or for good."""
    await _own(desk, proposal_id)
    command = RejectProposal(proposal_id, body.reason, body.until)
    return await desk.commit(
        lambda work: reject_proposal(work, command), view=lambda one: proposal_view(desk, one), status=200
    )


async def _own(desk: RequestDesk, proposal_id: str) -> Proposal:
    found = await PROPOSALS.get(desk.reader, proposal_id)
    require_sides(desk, found.programme, found.sites, found.carriers)
    return found
