"""One engagement and one participation as they are now: what a question about the two needs, and no more."""

from services.matching.domain.known import Engagement, Participation
from services.matching.domain.pool import Pool
from services.matching.store import known, pool
from services.matching.store.repositories import TANDEMS
from shared.storage.work import Reader


async def pool_of_pair(reader: Reader, engagement: Engagement, participation: Participation, day: str) -> Pool:
    """The pool with these two only; ``running`` are the tandems of the engagement."""
    running = await TANDEMS.find(reader, {"engagement": engagement.id, "counted.ended_on": None})
    rejected = await pool.rejection_stands(reader, engagement.id, participation.id, day)
    return Pool(
        city=reader.city,
        date=day,
        programme=await known.programme(reader, participation.programme),
        engagements=(engagement,),
        participations=(participation,),
        consents=await known.consents(reader, day, (*engagement.subjects, *participation.subjects)),
        running=tuple((one.engagement, one.participation) for one in running),
        rejected=frozenset({(engagement.id, participation.id)} if rejected else ()),
    )
