"""Whether one draft that moves would give a family a mentor at once. Only looked for: nothing is moved by it."""

from collections import Counter, defaultdict
from dataclasses import replace

from services.matching.domain.instance import Family
from services.matching.domain.known import Participation
from services.matching.domain.proposals import DRAFT
from services.matching.domain.rules import members
from services.matching.domain.standing import Shown, Standing
from services.matching.domain.swap import Drafts, Move
from services.matching.queries.candidates import Answer, families_of
from services.matching.store import PROPOSALS, known, rejections
from shared.storage.work import Reader


async def find_swap(
    reader: Reader, answer: Answer, participation: str, shown: Shown, days: tuple[str, str]
) -> tuple[Move | None, dict[str, Participation]]:
    """The move among mentors that may be shown, and the participations of the drafts that might move, by id.

    Every draft takes a place; pairs that were told or pinned take theirs in the standing facts and never move.
    ``days`` are the one that is asked about, and today.
    """
    standing, sets = answer.standing, answer.standing.helps.sets
    held = set(standing.pool.running)
    found = await reader.find(
        PROPOSALS.collection,
        {"programme": {"$in": list(standing.pool.slugs)}, "state": DRAFT, "participation": {"$ne": participation}},
    )
    rows = [row for row in found if (row["engagement"], row["participation"]) not in held]
    taken = Counter(row["engagement"] for row in rows)
    left = [mentor.capacity - taken[mentor.id] for mentor in standing.instance.mentors]
    possible = sets.candidates(answer.family, standing.with_places) & shown.mentors
    may_move = {standing.instance.mentors[number].id for number in members(possible)}
    movable = {row["participation"]: row["engagement"] for row in rows if row["engagement"] in may_move}
    others = {one.id: one for one in await known.participations(reader, movable)}
    given = await _given(reader, standing, others, movable, days)
    among = shown.mentors & standing.with_places
    drafts = Drafts(standing.instance.mentors, sets, left, standing.policy, standing.prices, given, among)
    return drafts.find(answer.family), others


async def _given(
    reader: Reader, standing: Standing, others: dict[str, Participation], movable: dict[str, str], days: tuple[str, str]
) -> dict[int, list[Family]]:
    """The drafts' families by the position of their mentor, each kept from whom it must not have."""
    sides = list(others.values())
    subjects = tuple(subject for one in sides for subject in one.subjects)
    families = families_of(standing, sides, await known.consents(reader, days[0], subjects, today=days[1]))
    rejected: defaultdict[str, list[str]] = defaultdict(list)
    for mentor, family in await rejections.between(reader, standing.pool.engagements, sides, min(days)):
        rejected[family].append(mentor)
    found: defaultdict[int, list[Family]] = defaultdict(list)
    for key, one in families.items():
        position = standing.helps.sets.position[movable[key]]
        found[position].append(replace(one, excluded_mentors=standing.kept_from(others[key], rejected[key])))
    return dict(found)
