"""What is read for candidates: of one participation everything, of its programmes what tells whether they changed."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.matching.domain.instance import Pair
from services.matching.domain.known import Consents, Engagement, Participation
from services.matching.domain.pins import Pin, held_pairs
from services.matching.domain.pool import Pool
from services.matching.domain.proposals import PROPOSED, REJECTED
from services.matching.domain.waiting_since import Ended
from services.matching.store import known, pins, policies
from services.matching.store.repositories import PINS, PLACES, POLICIES, POOL, PROPOSALS, TANDEMS
from shared.storage.documents import from_document
from shared.storage.mongo import Document
from shared.storage.work import Reader


@dataclass(frozen=True, slots=True)
class Stamp:
    """What another one means that the standing facts of these programmes are to be read again.

    The version of each engagement; how often rounds and tandems changed a programme; the pairs that were told or
    pinned. ``rules`` are the versions of all programmes and policies of the city.
    """

    engagements: dict[str, int]
    rounds: dict[str, int]
    changes: dict[str, int]
    held: frozenset[Pair]
    rules: frozenset[tuple[str, int]]


@dataclass(frozen=True, slots=True)
class Now:
    """One participation at this moment, judged on a day: its tandems, who was rejected for it, its consents.

    ``ended`` are its tandems that have ended, ``rejected`` engagements and persons; ``stamp`` is of its programmes.
    """

    day: str
    today: str
    stamp: Stamp
    running: tuple[str, ...]
    ended: tuple[Ended, ...]
    rejected: tuple[str, ...]
    consents: Consents


async def read_now(reader: Reader, participation: Participation, days: tuple[str, str], slugs: Sequence[str]) -> Now:
    """All of it, in one statement. ``days`` are the one that is asked about, and today."""
    day, today = days
    among, subjects = {"$in": list(slugs)}, list(participation.subjects)
    about: Document = {"$or": [{"participation": participation.id}, {"helped": {"$in": subjects}}]}
    stands: Document = {"$or": [{"until": None}, {"until": {"$gt": min(day, today)}}]}
    parts: list[tuple[str, list[Document]]] = [
        (POOL, [{"$match": {"_id": among}}, {"$project": {"version": 1, "changes": 1}}]),
        (known.PROGRAMMES, [{"$project": {"version": "$sequence"}}]),
        (POLICIES, [{"$project": {"version": 1}}]),
        (PLACES, [{"$match": {"_id": participation.id}}, {"$project": {"running": 1}}]),
        (TANDEMS.collection, [{"$match": {"participation": participation.id, "counted.ended_on": {"$ne": None}}}]),
        (PROPOSALS.collection, [{"$match": {"state": REJECTED, "$and": [about, stands]}}, _PAIR]),
        (PROPOSALS.collection, [{"$match": {"state": PROPOSED, "programme": among}}, _PAIR]),
        (PINS.collection, [{"$match": {"programme": among, **pins.STANDING}}]),
        (known.ENGAGEMENTS, [{"$match": {"programme": among, "erased": False}}, _ALL_VERSIONS]),
        (known.CONSENTS, [{"$match": known.consents_given(day, today, participation.subjects)}]),
    ]
    found = await _each(reader, parts)
    places, ended, rejected = found[3:6]
    return Now(
        day=day,
        today=today,
        stamp=_stamp(found, day),
        running=tuple(places[0]["running"]) if places else (),
        ended=tuple(Ended(row["counted"]["ended_on"], row["counted"]["ended_because"]) for row in ended),
        rejected=tuple(key for row in rejected for key in (row["engagement"], row.get("person")) if key is not None),
        consents=known.consents_in(found[9], day, today),
    )


def _stamp(found: list[list[Document]], day: str) -> Stamp:
    pool, programmes, rules = found[:3]
    told, pinned, versions = found[6:9]
    ids, sequences = (versions[0]["ids"], versions[0]["sequences"]) if versions else ([], [])
    standing = (pin for pin in (from_document(Pin, row) for row in pinned) if pin.stands(day))
    return Stamp(
        engagements=dict(zip(ids, sequences, strict=True)),
        rounds={row["_id"]: row["version"] for row in pool},
        changes={row["_id"]: row.get("changes", 0) for row in pool},
        held=held_pairs(
            [(row["engagement"], row["participation"]) for row in told],
            [(pin.engagement, pin.participation) for pin in standing],
        ),
        rules=frozenset((row["_id"], row["version"]) for row in (*programmes, *rules)),
    )


async def standing_pool(
    reader: Reader, slugs: Sequence[str], engagements: tuple[Engagement, ...], day: str, held: frozenset[Pair]
) -> Pool:
    """The pool of the mentors of programmes that share one, without anybody who waits and anybody's consents."""
    programmes = {slug: await known.programme(reader, slug) for slug in slugs}
    ids = [one.id for one in engagements]
    theirs: Document = {"$or": [{"counted.programme": {"$in": list(slugs)}}, {"engagement": {"$in": ids}}]}
    running = await reader.find(TANDEMS.collection, {**theirs, "counted.ended_on": None})
    pairs = {(row["engagement"], row["participation"]) for row in running}
    return Pool(
        city=reader.city,
        date=day,
        programme=programmes[slugs[0]],
        engagements=engagements,
        participations=(),
        consents=Consents(),
        running=tuple(sorted(pairs | held)),
        policies={slug: await policies.policy_of(reader, slug, day) for slug in slugs},
        programmes=programmes,
    )


_ALL_VERSIONS: Document = {
    "$group": {"_id": None, "ids": {"$push": "$_id"}, "sequences": {"$push": "$sequence"}},
}
_PAIR: Document = {"$project": {"engagement": 1, "participation": 1, "person": 1}}


async def _each(reader: Reader, parts: list[tuple[str, list[Document]]]) -> list[list[Document]]:
    marked = [[*stages, {"$set": {"_part": number}}] for number, (_, stages) in enumerate(parts)]
    more = zip(parts[1:], marked[1:], strict=True)
    unions: list[Document] = [{"$unionWith": {"coll": name, "pipeline": stages}} for (name, _), stages in more]
    found: list[list[Document]] = [[] for _ in parts]
    for row in await reader.aggregate(parts[0][0], [*marked[0], *unions]):
        found[row.pop("_part")].append(row)
    return found
