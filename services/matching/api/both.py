"""Who may decide about a pair: whoever reaches both sides, or the programme as a whole; a no needs one side only.

Otherwise one carrier could give away another's mentor. Reach is asked as of today, whatever day a fact has.
"""

from services.matching.api.permissions import DECIDE
from services.matching.api.reach import require_sides, require_whole
from services.matching.domain.proposals import Proposal
from services.matching.store import PROPOSALS, known
from shared.kernel.dates import today
from shared.kernel.errors import Forbidden, NotFound
from shared.web.desk import RequestDesk


async def reached_proposal(desk: RequestDesk, key: str) -> Proposal:
    """The proposal, for whoever reaches one of its sides."""
    found = await PROPOSALS.get(desk.reader, key)
    require_sides(desk, found.programme, found.sites, found.carriers)
    return found


async def require_both(desk: RequestDesk, engagement: str, participation: str) -> None:
    """Raises ``Forbidden`` or ``Invisible`` for who reaches one of the two only, ``NotYetKnown``."""
    reader, day = desk.reader, today(desk.moment)
    sides = (await known.participation(reader, participation), await known.engagement(reader, engagement))
    carriers = await known.carriers(reader)
    slug = sides[0].programme
    try:
        for side in sides:
            require_sides(desk, slug, *known.places_of(carriers, day, side))
    except (Forbidden, NotFound) as refusal:
        try:
            await require_whole(desk, await known.programme(reader, slug))
        except (Forbidden, NotFound):
            # What is refused is the pair; that the programme is not hers as a whole would be no help.
            raise refusal from None


def may_decide(desk: RequestDesk, proposal: Proposal) -> tuple[bool, bool]:
    """Whether the caller may act on one side of it at least, and on both."""
    sides = list(proposal.reached.values())
    one = desk.may(DECIDE, programme=proposal.programme, site=proposal.sites or None, carrier=proposal.carriers or None)
    both = one and all(
        desk.may(DECIDE, programme=proposal.programme, site=side.sites or None, carrier=side.carriers or None)
        for side in sides
    )
    return one, both
