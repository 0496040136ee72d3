"""What waits for a coordinator in matching, longest due first."""

from collections import defaultdict

from services.matching.domain.due import Due, days_after, of_mentor, of_proposal, of_trial, of_waiting
from services.matching.domain.proposals import PROPOSED
from services.matching.domain.tandems import Tandem
from services.matching.store import PROPOSALS, TANDEMS, known, waiting
from services.matching.store.policies import policy_of
from shared.storage.mongo import Document
from shared.storage.work import Reader


async def due_things(reader: Reader, sides: Document, tandems: Document, day: str) -> list[Due]:
    """All of it that the caller reaches: ``sides`` filters proposals and who waits, ``tandems`` tandems."""
    found = await _proposals(reader, sides, day)
    found += await _tandems(reader, tandems, day)
    found += await _waiting(reader, sides, day)
    return sorted(found, key=lambda due: due.place)


async def _proposals(reader: Reader, sides: Document, day: str) -> list[Due]:
    told = await PROPOSALS.find(reader, {"$and": [{"state": PROPOSED}, sides]})
    return [due for one in told if (due := of_proposal(one, day)) is not None]


async def _tandems(reader: Reader, visible: Document, day: str) -> list[Due]:
    running = await TANDEMS.find(reader, {"$and": [{"counted.ended_on": None}, visible]})
    found = [due for one in running if (due := of_trial(one, day)) is not None]
    by_mentor: defaultdict[str, list[Tandem]] = defaultdict(list)
    for tandem in running:
        by_mentor[tandem.engagement].append(tandem)
    recorded = await known.recorded_on(reader, by_mentor)
    for engagement in await known.engagements(reader, by_mentor):
        due = of_mentor(engagement, by_mentor[engagement.id], recorded[engagement.id], day)
        found += [] if due is None else [due]
    return found


async def _waiting(reader: Reader, sides: Document, day: str) -> list[Due]:
    found: list[Due] = []
    for programme in await known.programmes(reader):
        promise = (await policy_of(reader, programme.slug, day)).promise_days
        late = {"programme": programme.slug, "waiting_since": {"$lte": days_after(day, -promise)}}
        rows = await waiting.find(reader, {"$and": [late, sides]})
        found += [due for one in rows if (due := of_waiting(one, promise, day)) is not None]
    return found
