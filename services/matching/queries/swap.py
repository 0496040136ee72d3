"""Whether one draft that moves would give a family a mentor at once. Only looked for: nothing is moved by it."""

from collections import Counter, defaultdict
from dataclasses import replace

from services.matching.domain.instance import Family
from services.matching.domain.known import Participation
from services.matching.domain.proposals import DRAFT, REJECTED
from services.matching.domain.rules import members
from services.matching.domain.standing import Shown
from services.matching.domain.swap import Drafts, Move
from services.matching.queries.candidates import Answer, families_of
from services.matching.store import PROPOSALS, known
from shared.storage.mongo import Document
from shared.storage.work import Reader

_DECIDED = ("accepted", "rejected", "expired")


async def find_swap(
    reader: Reader, answer: Answer, participation: str, shown: Shown, day: str
) -> tuple[Move | None, dict[str, Participation]]:
    """The move among mentors that may be shown, and the participations of the drafts that might move, by id.

    Every proposal that is not decided takes a place; only those that nobody was told of may move.
    """
    standing, sets = answer.standing, answer.standing.helps.sets
    live: Document = {"programme": standing.pool.programme.slug, "state": {"$nin": list(_DECIDED)}}
    rows = await reader.find(PROPOSALS.collection, live)
    taken = Counter(row["engagement"] for row in rows if row["participation"] != participation)
    left = [mentor.capacity - taken[mentor.id] for mentor in standing.instance.mentors]
    possible = sets.candidates(answer.family, standing.with_places) & shown.mentors
    may_move = {standing.instance.mentors[number].id for number in members(possible)}
    movable = {
        row["participation"]: row["engagement"]
        for row in rows
        if row["state"] == DRAFT and row["engagement"] in may_move and row["participation"] != participation
    }
    others = {one.id: one for one in await known.participations_by(reader, {"_id": {"$in": list(movable)}})}
    given = await _given(reader, answer, others, movable, day)
    among = shown.mentors & standing.with_places
    drafts = Drafts(standing.instance.mentors, sets, left, standing.policy, standing.prices, given, among)
    return drafts.find(answer.family), others


async def _given(
    reader: Reader, answer: Answer, others: dict[str, Participation], movable: dict[str, str], day: str
) -> dict[int, list[Family]]:
    """The drafts' families by the position of their mentor, each kept from whom it must not have."""
    standing = answer.standing
    subjects = tuple(subject for one in others.values() for subject in one.subjects)
    families = families_of(standing, list(others.values()), await known.consents(reader, day, subjects))
    rejected: defaultdict[str, list[str]] = defaultdict(list)
    for row in await reader.find(PROPOSALS.collection, {"participation": {"$in": list(families)}, "state": REJECTED}):
        if row["until"] is None or row["until"] > day:
            rejected[row["participation"]].append(row["engagement"])
    found: defaultdict[int, list[Family]] = defaultdict(list)
    for key, family in families.items():
        kept_from = standing.kept_from(others[key], rejected[key])
        position = standing.helps.sets.position[movable[key]]
        found[position].append(replace(family, excluded_mentors=kept_from))
    return dict(found)
