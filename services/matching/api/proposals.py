"""Proposals over HTTP: a person decides each of them."""

from typing import Any, Literal

from fastapi import APIRouter
from starlette.responses import JSONResponse, Response

from services.matching.api.bodies.proposals import (
    AcceptBody,
    AnswerBody,
    ManyBody,
    ProposalId,
    ProposeBody,
    RejectBody,
)
from services.matching.api.bodies.rounds import RoundId
from services.matching.api.both import reached_proposal, require_undo
from services.matching.api.deciding import DecidesProposal, accepting, answering, proposing, rejecting
from services.matching.api.many import DecidedView, ManyView, decide_each
from services.matching.api.permissions import DECIDE, READ
from services.matching.api.reach import PROGRAMMES_OF_PROPOSAL, visible
from services.matching.api.views.proposals import ProposalView, proposal_view
from services.matching.api.views.tandems import TandemView, tandem_view
from services.matching.commands.undo import undo_decision
from services.matching.domain.proposals import Proposal
from services.matching.store import PROPOSALS
from shared.web.bodies import EngagementId, Page, ParticipationId, Slug
from shared.web.cursors import Cursor, Limit
from shared.web.desk import Desk, RequestDesk, needs

router = APIRouter(prefix="/v1/cities/{city}/proposals", tags=["proposals"])
State = Literal["draft", "proposed", "accepted", "rejected", "expired"]


@router.get("", dependencies=[needs(READ)], response_model=Page[ProposalView], summary="List proposals")
async def list_proposals(
    desk: Desk,
    *,
    round: RoundId | None = None,
    programme: Slug | None = None,
    state: State | None = None,
    engagement: EngagementId | None = None,
    participation: ParticipationId | None = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Response:
    """Of a round, a programme, a state, of one of the two."""
    asked = {"round": round, "programme": programme, "state": state}
    asked |= {"engagement": engagement, "participation": participation}
    query: dict[str, Any] = {name: value for name, value in asked.items() if value is not None}
    after = await desk.after(cursor)
    if after is not None:
        query["_id"] = {"$gt": after}
    query |= await visible(desk, PROGRAMMES_OF_PROPOSAL, "sites", "carriers")
    rows = await PROPOSALS.find(desk.reader, query, sort=[("_id", 1)], limit=limit + 1)
    return await desk.page(rows, limit=limit, key=lambda row: row.id, view=lambda row: proposal_view(desk, row))


@router.get("/{proposal_id}", dependencies=[needs(READ)], response_model=ProposalView, summary="Read a proposal")
async def read_proposal(proposal_id: ProposalId, desk: Desk) -> Response:
    """With its fit, the reasons, and what both sides have answered."""
    found = await reached_proposal(desk, proposal_id)
    return desk.answer(found, proposal_view(desk, found))


@router.post(
    "/{proposal_id}:propose",
    dependencies=[needs(DECIDE, may_match=True)],
    response_model=ProposalView,
    summary="Tell both",
)
async def propose(proposal_id: ProposalId, desk: Desk, body: ProposeBody | None = None) -> Response:
    """Both sides were told. From now on no round moves them; without their answers it expires on a day."""
    return await _decide(desk, await proposing(desk, proposal_id, body or ProposeBody()))


@router.post(
    "/{proposal_id}:answer",
    dependencies=[needs(DECIDE, may_match=True)],
    response_model=ProposalView,
    summary="Write down an answer",
)
async def answer(proposal_id: ProposalId, body: AnswerBody, desk: Desk) -> Response:
    """What one side said. A no rejects the proposal and keeps the pair apart, until the day given or the policy's."""
    return await _decide(desk, await answering(desk, proposal_id, body))


@router.post(
    "/{proposal_id}:accept", dependencies=[needs(DECIDE, may_match=True)], response_model=TandemView, summary="Accept"
)
async def accept(proposal_id: ProposalId, desk: Desk, body: AcceptBody | None = None) -> Response:
    """A tandem begins, if both said yes, there is a place, the consent stands and nobody has rejected the pair.

    Accepting a draft says that both said yes; for what was told before, `answers` says it, or the answers are there.
    """
    begin = await accepting(desk, proposal_id, body or AcceptBody())
    return await desk.commit(begin, view=lambda tandem: tandem_view(desk, tandem), status=200)


@router.post(
    "/{proposal_id}:reject", dependencies=[needs(DECIDE, may_match=True)], response_model=ProposalView, summary="Reject"
)
async def reject(proposal_id: ProposalId, body: RejectBody, desk: Desk) -> Response:
    """The pair is excluded from the rounds that follow, until the day given or for good."""
    return await _decide(desk, await rejecting(desk, proposal_id, body))


@router.post(
    "/{proposal_id}:undo",
    dependencies=[needs(DECIDE, may_match=True)],
    response_model=ProposalView,
    summary="Take back",
)
async def undo(proposal_id: ProposalId, desk: Desk) -> Response:
    """A draft again: a no for fourteen days, a yes for a day and only while its tandem is in its introduction."""
    found = await reached_proposal(desk, proposal_id)
    await require_undo(desk, found)
    return await _decide(desk, lambda work: undo_decision(work, proposal_id))


@router.post(":decide", dependencies=[needs(DECIDE)], response_model=ManyView, summary="Decide many at once")
async def decide(body: ManyBody, desk: Desk) -> Response:
    """Each is decided by itself, in the order given, and has an answer of its own; the good ones are kept.

    `stored`, `conflict` (decided meanwhile, another version, no place) or `refused` (code, pointers). Sending all of
    it again changes nothing: each names the version that it is about.
    """
    answers: list[DecidedView] = await decide_each(desk, body.decisions)
    return JSONResponse({"decisions": [one.model_dump(mode="json") for one in answers]})


async def _decide(desk: RequestDesk, run: DecidesProposal) -> Response:
    def view(one: Proposal) -> ProposalView:
        return proposal_view(desk, one)

    return await desk.commit(run, view=view, status=200)
