"""Candidates for one participation, from the pool as it is now."""

from dataclasses import dataclass

from services.matching.domain.candidates import Candidates, candidates_for
from services.matching.domain.known import Engagement, Participation
from services.matching.domain.pool import pool_file
from services.matching.queries.rounds import last_prices
from services.matching.store import places, pool
from shared.kernel.errors import Conflict, Finding, Refused
from shared.storage.work import Reader


@dataclass(frozen=True, slots=True)
class Answer:
    """The candidates, and the engagements they name."""

    candidates: Candidates
    engagements: dict[str, Engagement]


async def find_candidates(reader: Reader, participation: Participation, day: str, today: str) -> Answer:
    """Raises ``Conflict`` where it has ended or has a tandem, ``Refused("left-out")`` where its row is refused."""
    if participation.has_gone:
        raise Conflict("participation-ended")
    if await places.running(reader, participation.id):
        raise Conflict("already-in-a-tandem")
    source = await pool.pool_around(reader, participation, day, today)
    file = pool_file(source)
    faults = tuple(Finding(one.pointer, "left-out") for one in file.left_out if one.id == participation.id)
    if faults:
        raise Refused("left-out", faults)
    prices = await last_prices(reader, source.programme.slug)
    found = candidates_for(source, file, participation.id, prices, source.leads.engine)
    return Answer(found, {one.id: one for one in source.engagements})
