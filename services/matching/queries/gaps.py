"""The gaps that a round shows."""

import asyncio

from services.matching.domain.gaps import Gaps, gaps_of
from services.matching.domain.helps import as_if_available
from services.matching.domain.known import Consents, Programme
from services.matching.domain.pool import Pool, PoolFile
from services.matching.domain.rounds import Round
from services.matching.queries.solved import SolvedRounds
from services.matching.store import ROUNDS, known, policies
from shared.kernel.errors import NotFound
from shared.storage.mongo import Document
from shared.storage.work import Reader


async def round_of(reader: Reader, programme: str, round_id: str | None) -> Round:
    """That round of the programme, or its last one. Raises ``NotFound("round-not-found")``."""
    if round_id is None:
        about: Document = {"$or": [{"programme": programme}, {"programmes": programme}]}
        newest = await ROUNDS.find(reader, about, sort=[("recorded_at", -1)], limit=1)
        found = newest[0] if newest else None
    else:
        found = await ROUNDS.get(reader, round_id)
    if found is None or programme not in found.slugs:
        raise NotFound("round-not-found")
    return found


async def find_gaps(reader: Reader, rounds: SolvedRounds, held: Round) -> Gaps:
    """The gaps of a round; those who might take nobody in it are taken as they are known now."""
    solved = await rounds.of(reader, held)
    programmes = {slug: await known.programme(reader, slug) for slug in held.slugs}
    outside = await known.engagements_by(reader, {"_id": {"$in": sorted(held.unavailable)}})
    pool = Pool(
        city=reader.city,
        date=held.date,
        programme=programmes[held.programme],
        engagements=outside,
        participations=(),
        consents=Consents(),
        policies={slug: await policies.policy_of(reader, slug, held.date) for slug in programmes},
        programmes=programmes,
    )
    theirs = {one.id: one for one in await known.engagements(reader, solved.mentors)} if len(programmes) > 1 else {}
    file = PoolFile({"city": reader.city, "date": held.date}, unavailable=held.unavailable)

    def programme_of(mentor: str) -> Programme:
        return pool.programme_of(theirs[mentor]) if mentor in theirs else pool.programme

    def found() -> Gaps:
        mentors = {mentor.id: mentor for mentor in as_if_available(pool, file).mentors}
        pairs = [(one, mentors[one.id]) for one in outside if one.id in mentors]
        return gaps_of(solved, programme_of, pairs)

    return await asyncio.to_thread(found)
