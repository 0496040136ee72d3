"""What is read for candidates: of one participation everything, of its programme what tells whether it has changed."""

from asyncio import gather
from dataclasses import dataclass

from services.matching.domain.known import Consents, Engagement, Participation, Programme
from services.matching.domain.pool import Pool
from services.matching.domain.proposals import REJECTED
from services.matching.store import known
from services.matching.store.repositories import PLACES, POOL, PROPOSALS, TANDEMS
from shared.storage.mongo import Document
from shared.storage.work import Reader


@dataclass(frozen=True, slots=True)
class Stamp:
    """Of a programme: the version of each engagement and of itself, and how often rounds and tandems changed it."""

    engagements: dict[str, int]
    programme: int
    rounds: int
    changes: int


@dataclass(frozen=True, slots=True)
class Now:
    """One participation at this moment, judged on a day: its tandems, rejected pairs, consents; and the stamp."""

    day: str
    stamp: Stamp
    running: tuple[str, ...]
    rejected: tuple[str, ...]
    consents: Consents


async def read_now(reader: Reader, participation: Participation, day: str) -> Now:
    """All of it, in two statements at the same time."""
    slug = participation.programme
    parts: list[tuple[str, list[Document]]] = [
        (known.PROGRAMMES, [{"$match": {"_id": slug}}, {"$project": {"sequence": 1}}]),
        (POOL, [{"$match": {"_id": slug}}]),
        (PLACES, [{"$match": {"_id": participation.id}}, {"$project": {"running": 1}}]),
        (PROPOSALS.collection, [{"$match": {"participation": participation.id, **_standing(day)}}, _WHOM]),
        (known.CONSENTS, [{"$match": known.standing_consents(day, participation.subjects)}]),
    ]
    versions, found = await gather(
        reader.aggregate(known.ENGAGEMENTS, [{"$match": {"programme": slug, "erased": False}}, _ALL_VERSIONS]),
        _each(reader, parts),
    )
    programme, pool, places, rejected, consents = found
    ids, sequences = (versions[0]["ids"], versions[0]["sequences"]) if versions else ([], [])
    return Now(
        day=day,
        stamp=Stamp(
            engagements=dict(zip(ids, sequences, strict=True)),
            programme=programme[0]["sequence"] if programme else 0,
            rounds=pool[0]["version"] if pool else 0,
            changes=pool[0].get("changes", 0) if pool else 0,
        ),
        running=tuple(places[0]["running"]) if places else (),
        rejected=tuple(row["engagement"] for row in rejected),
        consents=known.consents_in(consents),
    )


async def engagements_in(reader: Reader, ids: list[str]) -> tuple[Engagement, ...]:
    """Some engagements."""
    return await known.engagements_by(reader, {"_id": {"$in": ids}})


async def standing_pool(reader: Reader, programme: Programme, engagements: tuple[Engagement, ...], day: str) -> Pool:
    """The pool of a programme's mentors, without anybody who waits and without anybody's consents."""
    running = await reader.find(TANDEMS.collection, {"counted.programme": programme.slug, "counted.ended_on": None})
    return Pool(
        city=reader.city,
        date=day,
        programme=programme,
        engagements=engagements,
        participations=(),
        consents=Consents(),
        running=tuple((row["engagement"], row["participation"]) for row in running),
    )


_ALL_VERSIONS: Document = {
    "$group": {"_id": None, "ids": {"$push": "$_id"}, "sequences": {"$push": "$sequence"}},
}
_WHOM: Document = {"$project": {"engagement": 1}}


def _standing(day: str) -> Document:
    return {"state": REJECTED, "$or": [{"until": None}, {"until": {"$gt": day}}]}


async def _each(reader: Reader, parts: list[tuple[str, list[Document]]]) -> list[list[Document]]:
    marked = [[*stages, {"$set": {"_part": number}}] for number, (_, stages) in enumerate(parts)]
    more = zip(parts[1:], marked[1:], strict=True)
    unions: list[Document] = [{"$unionWith": {"coll": name, "pipeline": stages}} for (name, _), stages in more]
    found: list[list[Document]] = [[] for _ in parts]
    for row in await reader.aggregate(parts[0][0], [*marked[0], *unions]):
        found[row.pop("_part")].append(row)
    return found
