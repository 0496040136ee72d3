"""What waits for a coordinator in matching, longest due first."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass

from services.matching.domain.due import of_family, of_mentor, of_proposal, of_trial
from services.matching.domain.proposals import DRAFT, PROPOSED
from services.matching.domain.tandems import Tandem
from services.matching.store import PROPOSALS, TANDEMS, known, pool
from services.matching.store.policies import policy_of
from shared.kernel.due import Due
from shared.storage.mongo import Document
from shared.storage.work import Reader


@dataclass(frozen=True, slots=True)
class Visible:
    """What the caller reaches: filters of proposals and of tandems; of a family, its programme, sites and carriers."""

    sides: Document
    tandems: Document
    sees: Callable[[str, tuple[str, ...], tuple[str, ...]], bool]


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
    """Also who came after the last round, or whose proposal came to nothing since: a promise waits for no round."""
    found: list[Due] = []
    carriers = await known.carriers(reader)
    for programme in await known.programmes(reader):
        policy = await policy_of(reader, programme.slug, day)
        drafts = await PROPOSALS.find(reader, {"programme": programme.slug, "state": DRAFT})
        drafted = {draft.participation: draft.id for draft in drafts}
        for one in await pool.who_waits(reader, policy, day, day):
            due = of_family(one, drafted.get(one.id), policy.promise_days, day)
            if due is not None and visible.sees(one.programme, *known.places_of(carriers, day, one)):
                found.append(due)
    return found
