"""The pool of a programme on a day, as read from the store, and the one document that rounds and tandems meet on."""

from collections.abc import Sequence
from dataclasses import replace

from services.matching import publishing
from services.matching.domain.instance import Pair
from services.matching.domain.known import Engagement, Participation
from services.matching.domain.pool import Pool
from services.matching.domain.proposals import DRAFT, LIVE, Proposal
from services.matching.store import known, pins, rejections
from services.matching.store.repositories import POOL, PROPOSALS, TANDEMS
from shared.kernel.errors import Conflict
from shared.storage.documents import to_document
from shared.storage.mongo import Document
from shared.storage.work import Reader, Work


async def load_pool(reader: Reader, slug: str, day: str) -> Pool:
    """Everything that a round of the programme on that day needs. Raises ``NotFound`` for an unknown programme."""
    drafts = await PROPOSALS.find(reader, {"programme": slug, "state": DRAFT})
    engagements = await known.engagements_of(reader, slug)
    participations = await known.participations_of(reader, slug)
    return Pool(
        city=reader.city,
        date=day,
        programme=await known.programme(reader, slug),
        engagements=engagements,
        participations=participations,
        consents=await known.consents(reader, day),
        running=(*await _running(reader, slug), *await pins.held(reader, slug, day)),
        drafts=tuple((draft.engagement, draft.participation) for draft in drafts),
        rejected=await rejections.between(reader, engagements, participations, day),
    )


async def pool_around(reader: Reader, participation: Participation, day: str, only: Engagement | None = None) -> Pool:
    """The pool with one participation only: all its mentors, with the places that all running tandems leave them.

    With ``only`` one mentor: just this pair, as if nothing else were there.
    """
    slug = participation.programme
    engagements = await known.engagements_of(reader, slug) if only is None else (only,)
    taken = (*await _running(reader, slug), *await pins.held(reader, slug, day)) if only is None else ()
    subjects = [*participation.subjects, *(key for one in engagements if one.special for key in one.subjects)]
    return Pool(
        city=reader.city,
        date=day,
        programme=await known.programme(reader, slug),
        engagements=engagements,
        participations=(participation,),
        consents=await known.consents(reader, day, tuple(subjects)),
        running=taken,
        rejected=await rejections.between(reader, engagements, [participation], day),
    )


async def version_of(reader: Reader, slug: str) -> int:
    """How many rounds of the programme were held."""
    found = await reader.one(POOL, {"_id": slug})
    return int(found["version"]) if found else 0


async def next_round(work: Work, slug: str, expected: int, round_id: str) -> None:
    """Counts one more round. Raises ``Conflict("round-in-progress")`` where another was held since ``expected``."""
    if await version_of(work, slug) != expected:
        raise Conflict("round-in-progress")
    await work.change(POOL, {"_id": slug}, {"$inc": {"version": 1}, "$set": {"round": round_id}}, upsert=True)


async def meet_rounds(work: Work, slug: str) -> None:
    """Makes a tandem's transaction and a round's meet: whichever is later sees what the other did.

    The version stays: a round that is being solved meanwhile is not lost, it leaves out whoever has a tandem by then.
    """
    await work.change(POOL, {"_id": slug}, {"$inc": {"changes": 1}, "$setOnInsert": {"version": 0}}, upsert=True)


async def expire_drafts(work: Work, query: Document, reason: str) -> None:
    """Expires all undecided proposals that fit, those that both sides were told of too; tells and notes it."""
    live = await PROPOSALS.find(work, {**query, "state": {"$in": list(LIVE)}})
    for expired in await store_proposals(work, [one.expired(reason, work.now) for one in live], "expired"):
        work.note("proposal.expired", expired.id, ("state", "because"))


async def store_proposals(work: Work, proposals: Sequence[Proposal], fact: str) -> list[Proposal]:
    """Stores and tells the next version of many proposals at once; they were read in this transaction, or are new."""
    saved = [replace(proposal, version=proposal.version + 1) for proposal in proposals]
    await work.put_all("proposals", [to_document(proposal) for proposal in saved])
    for proposal in saved:
        work.tell(publishing.proposal_v1(proposal), sequence=proposal.version, fact=fact)
    return saved


async def _running(reader: Reader, slug: str) -> tuple[Pair, ...]:
    tandems = await TANDEMS.find(reader, {"counted.programme": slug, "counted.ended_on": None})
    return tuple((tandem.engagement, tandem.participation) for tandem in tandems)
