"""Which pairs somebody has rejected: by who they are, whichever engagement or participation they come back with."""

from collections import defaultdict
from collections.abc import Iterable

from services.matching.domain.instance import Pair
from services.matching.domain.known import Engagement, Participation
from services.matching.domain.proposals import REJECTED
from services.matching.store.repositories import PROPOSALS
from shared.storage.mongo import Document
from shared.storage.work import Reader, Work

_FEW = 200


async def between(
    reader: Reader, engagements: Iterable[Engagement], participations: Iterable[Participation], day: str
) -> frozenset[Pair]:
    """The pairs of these sides whose rejection stands on that day, in any programme of the city."""
    mentors, families = defaultdict[str, set[str]](set), defaultdict[str, set[str]](set)
    for engagement in engagements:
        for key in engagement.subjects:
            mentors[key].add(engagement.id)
    for participation in participations:
        for key in participation.subjects:
            families[key].add(participation.id)
    query: Document = {"state": REJECTED, "$and": [{"$or": [{"until": None}, {"until": {"$gt": day}}]}]}
    if len(families) <= _FEW:
        named = list(families)
        query["$or"] = [{"participation": {"$in": named}}, {"helped": {"$in": named}}]
    found: set[Pair] = set()
    for one in await PROPOSALS.find(reader, query):
        found |= {
            (mentor, family)
            for mentor in _sides(mentors, one.engagement, one.person)
            for family in _sides(families, one.participation, one.helped)
        }
    return frozenset(found)


async def forget(work: Work, subject: str) -> None:
    """Takes an erased person or family out of what was rejected; the random ids of that time stay."""
    for name in ("person", "helped"):
        for one in await PROPOSALS.find(work, {name: subject}):
            await work.change(PROPOSALS.collection, {"_id": one.id}, {"$set": {name: None}})


def _sides(by_subject: defaultdict[str, set[str]], key: str, subject: str | None) -> set[str]:
    return by_subject[key] | (by_subject[subject] if subject is not None else set())
