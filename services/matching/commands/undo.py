"""A decision is taken back while that is still possible: a no, or a yes after which nothing has happened yet."""

from services.matching.commands.begin_tandem import require_pair
from services.matching.domain.proposals import LIVE, Proposal
from services.matching.store import PROPOSALS, TANDEMS, known, places, pool
from shared.kernel.errors import Conflict
from shared.storage.work import Work


async def undo_decision(work: Work, key: str) -> Proposal:
    """The proposal, a draft again; the tandem of a yes has ended on its first day and counts nowhere.

    Raises ``Conflict`` (``not-decided``, ``too-late-to-undo``, ``already-moved``, ``already-in-a-tandem``,
    ``already-proposed``) and all that forbids the pair by now.
    """
    proposal = await PROPOSALS.get(work, key)
    undone = proposal.undone(work.now)
    await pool.meet_rounds(work, proposal.programme)
    if proposal.tandem is not None:
        tandem = (await TANDEMS.get(work, proposal.tandem)).undone(work.now)
        await places.give_back(work, tandem.id, tandem.engagement, tandem.participation)
        await TANDEMS.save(work, tandem, "undone", ("ended_on", "ended_because"))
    else:
        await places.meet(work, proposal.participation)
    if await places.running(work, proposal.participation):
        raise Conflict("already-in-a-tandem")
    same = {"engagement": proposal.engagement, "participation": proposal.participation, "state": {"$in": list(LIVE)}}
    if await PROPOSALS.find_one(work, same) is not None:
        raise Conflict("already-proposed")
    saved = await PROPOSALS.save(work, undone, "undone", ("state", "because", "until", "answers", "tandem"))
    engagement = await known.engagement(work, proposal.engagement)
    participation = await known.participation(work, proposal.participation)
    await require_pair(work, engagement, participation, work.today)
    return saved
