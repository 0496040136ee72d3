"""Who may decide about a pair: whoever reaches both sides, or the programme as a whole; a no needs one side only.

Otherwise one carrier could give away another's mentor. Reach is asked as of today, whatever day a fact has.
"""

from services.matching.api.permissions import DECIDE
from services.matching.api.reach import require_pool, require_sides
from services.matching.domain.proposals import ACCEPTED, Proposal, Reached, side_that_said_no
from services.matching.domain.reasons import OneOfTwo
from services.matching.store import PROPOSALS, known
from shared.kernel.dates import today
from shared.kernel.errors import Forbidden, NotFound
from shared.web.desk import RequestDesk


async def reached_proposal(desk: RequestDesk, key: str) -> Proposal:
    """The proposal, for whoever reaches one of its sides."""
    found = await PROPOSALS.get(desk.reader, key)
    require_sides(desk, found.programmes, found.sites, found.carriers)
    return found


async def require_side(desk: RequestDesk, proposal: Proposal, side: OneOfTwo) -> None:
    """Raises ``Forbidden`` or ``Invisible`` for who does not reach that side; nothing is asked of an erased one."""
    found = (
        await known.engagements(desk.reader, [proposal.engagement])
        if side == "mentor"
        else await known.participations(desk.reader, [proposal.participation])
    )
    carriers = await known.carriers(desk.reader)
    for one in found:
        require_sides(desk, one.programme, *known.places_of(carriers, today(desk.moment), one))


async def require_both(desk: RequestDesk, engagement: str, participation: str) -> None:
    """Raises ``Forbidden`` or ``Invisible`` for who reaches one of the two only, ``NotYetKnown``.

    Each in its own programme: of programmes that share a pool, none gives away the other's mentors.
    """
    reader, day = desk.reader, today(desk.moment)
    sides = (await known.participation(reader, participation), await known.engagement(reader, engagement))
    carriers = await known.carriers(reader)
    try:
        for side in sides:
            require_sides(desk, side.programme, *known.places_of(carriers, day, side))
    except (Forbidden, NotFound) as refusal:
        try:
            await require_pool(desk, sorted({side.programme for side in sides}))
        except (Forbidden, NotFound):
            # What is refused is the pair; that the programme is not hers as a whole would be no help.
            raise refusal from None


async def require_undo(desk: RequestDesk, proposal: Proposal) -> None:
    """A yes is taken back by who reaches both, a side's no by who reaches that side, another no by either."""
    side = side_that_said_no(proposal)
    if proposal.state == ACCEPTED:
        await require_both(desk, proposal.engagement, proposal.participation)
    elif side is not None:
        await require_side(desk, proposal, side)


def may_undo(desk: RequestDesk, proposal: Proposal) -> bool:
    """Whether ``require_undo`` would let the caller, as far as the proposal itself knows where the two are."""
    one, both = may_decide(desk, proposal)
    side = side_that_said_no(proposal)
    reached = proposal.reached.get(side) if side is not None else None
    if proposal.state == ACCEPTED:
        return both
    return one and (reached is None or _may(desk, reached.programme or proposal.programme, reached))


def may_decide(desk: RequestDesk, proposal: Proposal) -> tuple[bool, bool]:
    """Whether the caller may act on one side of it at least, and on both."""
    one = _may(desk, proposal.programmes, proposal)
    return one, one and all(
        _may(desk, side.programme or proposal.programme, side) for side in proposal.reached.values()
    )


def _may(desk: RequestDesk, programme: str | tuple[str, ...], where: Proposal | Reached) -> bool:
    return desk.may(DECIDE, programme=programme, site=where.sites or None, carrier=where.carriers or None)
