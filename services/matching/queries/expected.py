"""Expected waiting of a programme, from its tandems of the last months."""

from services.matching.domain.expected import LATELY_DAYS, Expected, expected_waits
from services.matching.domain.reasons import UNDONE
from services.matching.store import TANDEMS, known
from shared.kernel.dates import days_after
from shared.storage.mongo import Document
from shared.storage.work import Reader


async def find_expected(reader: Reader, programme: str, day: str) -> tuple[Expected, ...]:
    """Of those whose first tandem in the programme began in the ``LATELY_DAYS`` before ``day``, or on it."""
    since = days_after(day, -LATELY_DAYS)
    pipeline: list[Document] = [
        {"$match": {"counted.programme": programme, "counted.ended_because": {"$ne": UNDONE}}},
        {"$group": {"_id": "$participation", "first": {"$min": "$counted.date"}}},
        {"$match": {"first": {"$gt": since, "$lte": day}}},
    ]
    first = {row["_id"]: str(row["first"]) for row in await reader.aggregate(TANDEMS.collection, pipeline)}
    return expected_waits(await known.participations(reader, sorted(first)), first)
