"""The pool of a programme on a day, as read from the store, and the one document that rounds and tandems meet on."""

from collections.abc import Sequence
from dataclasses import replace

from services.matching import publishing
from services.matching.domain.explanation import SPECIAL
from services.matching.domain.instance import Pair
from services.matching.domain.known import Engagement, Participation
from services.matching.domain.pool import Pool
from services.matching.domain.programme_policy import ProgrammePolicy, group_around
from services.matching.domain.proposals import DRAFT, LIVE, PROPOSED, REJECTED, Proposal
from services.matching.domain.reasons import UNDONE
from services.matching.domain.waiting_since import Ended, waiting_on
from services.matching.store import known, pins, policies, rejections
from services.matching.store.repositories import PINS, POLICIES, POOL, PROPOSALS, TANDEMS, WAITING
from shared.kernel.errors import Conflict
from shared.storage.documents import to_document
from shared.storage.mongo import Document
from shared.storage.work import Reader, Work

NAMES_SPECIAL: Document = {"why.topics": SPECIAL}
"""Proposals of which a reason names a topic of a special category."""


async def load_pool(reader: Reader, slug: str, days: tuple[str, str], instead: ProgrammePolicy | None = None) -> Pool:
    """Everything that a round needs, of the programme and of all that share its pool.

    ``days`` are the round's and today, ``instead`` is a policy to be tried in the place of the programme's own.
    ``reader`` sees one moment (``store.read_at_once``). Raises ``NotFound`` for an unknown programme.
    """
    day, today = days
    rules = {one: await policies.policy_of(reader, one, day) for one in await policies.sharing(reader, slug)}
    rules |= {} if instead is None else {slug: instead}
    programmes = {one: await known.programme(reader, one) for one in group_around(slug, rules.values())}
    lead, taking = min(programmes), [one for one in programmes if one == slug or programmes[one].begins_on(day)]
    among: Document = {"$in": taking}
    drafts = await PROPOSALS.find(reader, {"programme": among, "state": DRAFT})
    engagements = await _engagements_of(reader, taking)
    participations = [one for name in taking for one in await _as_they_wait(reader, rules[name], day)]
    # Who has taken the consent back is in no file, be it as one who waits for want of it.
    consents = await known.consents(reader, day, today=today)
    # By both sides: a mentor's tandem in a programme that no longer shares the pool takes her place all the same.
    theirs: Document = {"$or": [{"counted.programme": among}, {"engagement": {"$in": [one.id for one in engagements]}}]}
    return Pool(
        city=reader.city,
        date=day,
        programme=programmes[lead],
        engagements=engagements,
        participations=tuple([one for one in participations if not consents.has_lost(one)]),
        consents=consents,
        running=(*await _running(reader, theirs), *await pins.held(reader, taking, day)),
        drafts=tuple((draft.engagement, draft.participation) for draft in drafts),
        rejected=await rejections.between(reader, engagements, participations, min(day, today)),
        policies={one: rules[one] for one in programmes},
        programmes={one: programmes[one] for one in taking},
    )


async def pool_of_pair(
    reader: Reader, engagement: Engagement, participation: Participation, day: str, today: str
) -> Pool:
    """The pool with this pair only, as if nothing else were there: no tandem, and no other place taken."""
    slug = participation.programme
    group = await policies.group_of(reader, slug, day)
    subjects = [*participation.subjects, *(engagement.subjects if engagement.special else ())]
    rules = {one: await policies.policy_of(reader, one, day) for one in group}
    ended = await _ended(reader, {"participation": participation.id}, rules[slug])
    programmes = {one: await known.programme(reader, one) for one in group}
    return Pool(
        city=reader.city,
        date=day,
        programme=programmes[group[0]],
        engagements=(engagement,),
        participations=(waiting_on(participation, ended, rules[slug], day),),
        consents=await known.consents(reader, day, tuple(subjects), today=today),
        rejected=await rejections.between(reader, [engagement], [participation], min(day, today)),
        policies=rules,
        programmes=programmes,
    )


async def state_of(reader: Reader, slugs: Sequence[str]) -> str:
    """Something that is another one whenever anything of the programmes' pool has changed, be it there and back.

    Versions only count up, so their sums do: of sides, tandems, pins, rejections and told proposals of these
    programmes, of the city's consents, and of policies.
    """
    among: Document = {"$in": list(slugs)}
    asked: Sequence[tuple[str, Document, str]] = (
        (known.ENGAGEMENTS, {"programme": among}, "$sequence"),
        (known.PARTICIPATIONS, {"programme": among}, "$sequence"),
        (known.CONSENTS, {}, "$sequence"),
        (TANDEMS.collection, {"counted.programme": among}, "$version"),
        (PROPOSALS.collection, {"programme": among, "state": {"$in": [PROPOSED, REJECTED]}}, "$version"),
        (PINS.collection, {"programme": among}, "$version"),
        (POLICIES, {"policy.programme": among}, "$version"),
    )
    sums: list[str] = []
    for collection, query, counted in asked:
        rows = await reader.aggregate(collection, [{"$match": query}, {"$group": {"_id": 0, "sum": {"$sum": counted}}}])
        sums.append(str(rows[0]["sum"]) if rows else "0")
    return "-".join([*slugs, *sums])


async def watched(reader: Reader, slug: str) -> Document:
    """What ``watch`` was last told; empty before."""
    found = await reader.one(POOL, {"_id": slug})
    return dict(found["watched"]) if found and "watched" in found else {}


async def watch(work: Work, slug: str, seen: Document) -> None:
    """Remembers the pool's state for whoever waits until it comes to rest."""
    await work.change(POOL, {"_id": slug}, {"$set": {"watched": seen}, "$setOnInsert": {"version": 0}}, upsert=True)


async def told_of(reader: Reader) -> set[str]:
    """The participations of which undecided proposals or waiting are told at the moment, of the whole city."""
    drafts = await reader.find(PROPOSALS.collection, {"state": {"$in": list(LIVE)}})
    waits = await reader.find(WAITING, {"waits": True})
    return {row["participation"] for row in drafts} | {row["_id"] for row in waits}


async def told_special(reader: Reader) -> tuple[set[str], set[str]]:
    """The engagements and the participations of drafts that name a topic of a special category."""
    drafts = await reader.find(PROPOSALS.collection, {"state": {"$in": list(LIVE)}, **NAMES_SPECIAL})
    return {row["engagement"] for row in drafts}, {row["participation"] for row in drafts}


async def who_waits(reader: Reader, policy: ProgrammePolicy, day: str, today: str) -> list[Participation]:
    """Those of a programme who wait on a day, whatever the last round knew of them, with the day since when.

    Not who has a tandem, has been told of a mentor, or has taken the consent back.
    """
    consents = await known.consents(reader, day, today=today)
    running = await _running(reader, {"counted.programme": policy.programme})
    told = await PROPOSALS.find(reader, {"programme": policy.programme, "state": PROPOSED})
    settled = {family for _, family in running} | {one.participation for one in told}
    return [
        one
        for one in await _as_they_wait(reader, policy, day)
        if not one.has_gone and one.id not in settled and not consents.has_lost(one)
    ]


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


async def _engagements_of(reader: Reader, slugs: Sequence[str]) -> tuple[Engagement, ...]:
    return tuple([one for slug in slugs for one in await known.engagements_of(reader, slug)])


async def _as_they_wait(reader: Reader, policy: ProgrammePolicy, day: str) -> list[Participation]:
    ended = await _ended(reader, {"counted.programme": policy.programme}, policy)
    return [waiting_on(one, ended, policy, day) for one in await known.participations_of(reader, policy.programme)]


async def _ended(reader: Reader, query: Document, policy: ProgrammePolicy) -> dict[str, Ended]:
    """The last tandem of each participation that ended so that its waiting began anew; one undone never was."""
    anew = {"counted.ended_on": {"$ne": None}, "counted.ended_because": {"$nin": [*policy.waits_on_after, UNDONE]}}
    last: list[Document] = [
        {"$match": {**query, **anew}},
        {"$sort": {"counted.ended_on": 1}},
        {"$group": {"_id": "$participation", "counted": {"$last": "$counted"}}},
    ]
    rows = await reader.aggregate(TANDEMS.collection, last)
    return {row["_id"]: Ended(row["counted"]["ended_on"], row["counted"]["ended_because"]) for row in rows}


async def _running(reader: Reader, query: Document) -> tuple[Pair, ...]:
    tandems = await TANDEMS.find(reader, {**query, "counted.ended_on": None})
    return tuple((tandem.engagement, tandem.participation) for tandem in tandems)
