"""What waits for a coordinator in matching, longest due first."""

from collections import defaultdict
from dataclasses import dataclass

from services.matching.domain.due import Due, days_after, of_draft, of_mentor, of_proposal, of_trial, of_waiting
from services.matching.domain.proposals import DRAFT, PROPOSED
from services.matching.domain.tandems import Tandem
from services.matching.store import PROPOSALS, TANDEMS, known, waiting
from services.matching.store.policies import policy_of
from shared.storage.mongo import Document
from shared.storage.work import Reader


@dataclass(frozen=True, slots=True)
class Visible:
    """What the caller reaches, as filters: of proposals and of who waits, of drafts by their family, of tandems."""

    sides: Document
    families: Document
    tandems: Document


async def due_things(reader: Reader, visible: Visible, day: str) -> list[Due]:
    """All of it that the caller reaches."""
    found = await _proposals(reader, visible.sides, day)
    found += await _tandems(reader, visible.tandems, day)
    found += await _waiting(reader, visible, day)
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


async def _waiting(reader: Reader, visible: Visible, day: str) -> list[Due]:
    """Each family once: those whom the last round left, and those whose draft nobody has decided about."""
    found: dict[str, Due] = {}
    for programme in await known.programmes(reader):
        promise = (await policy_of(reader, programme.slug, day)).promise_days
        late = {"programme": programme.slug, "waiting_since": {"$lte": days_after(day, -promise)}}
        rows = await waiting.find(reader, {"$and": [late, visible.sides]})
        undecided: Document = {"programme": programme.slug, "state": DRAFT}
        drafts = await PROPOSALS.find(reader, {"$and": [undecided, visible.families]})
        dues = [of_waiting(one, promise, day) for one in rows] + [of_draft(one, promise, day) for one in drafts]
        found |= {due.id: due for due in dues if due is not None}
    return list(found.values())
