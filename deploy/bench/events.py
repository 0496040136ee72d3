"""Events of visits as outbox rows, made for measuring; nobody in them exists."""

import random
from collections.abc import Iterator
from typing import Any, Final

from deploy.bench.visits_scene import CITY, PROGRAMME
from shared.contracts.catalog import BY_CONTRACT
from shared.contracts.envelope import Headers
from shared.contracts.visits import VisitV1, VisitVersion
from shared.kernel.ids import new_id
from shared.messaging.kafka import Kafka
from shared.storage.mongo import Document
from shared.storage.rows import event_row

TOPIC: Final = BY_CONTRACT[VisitV1]
CORRECTED: Final = 10
"""Every tenth row of ``corrected_rows`` corrects a visit that was logged a while before."""
_LATER: Final = 3_000
_DAY: Final = "2026-01-15"
_MOMENT: Final = f"{_DAY}T12:00:00.000Z"


def visit_rows() -> Iterator[Document]:
    """Rows of new visits, without an end, others in each run."""
    chance = random.Random()  # noqa: S311  # ids that no earlier run has used
    while True:
        yield _row(_visit(chance), 1)


def corrected_rows() -> Iterator[Document]:
    """Rows of visits and of their corrections, without an end, the same in every run."""
    chance = random.Random(1)  # noqa: S311  # the same visits in every run
    logged: list[VisitV1] = []
    while True:
        for _ in range(CORRECTED - 1):
            logged.append(_visit(chance))
            yield _row(logged[-1], 1)
        earlier = logged.pop(max(0, len(logged) - _LATER) + chance.randrange(CORRECTED - 1))
        counted = earlier.model_dump(mode="json", include=set(VisitVersion.model_fields) - {"reason"})
        version = VisitVersion.model_validate(counted)
        yield _row(earlier.model_copy(update={"minutes": 60, "versions": (version,)}), 2)


def _visit(chance: random.Random) -> VisitV1:
    tandem, engagement, participation = [new_id(kind, chance.randbytes) for kind in ("tan", "eng", "ptc")]
    return VisitV1(
        id=new_id("vis", chance.randbytes),
        tandem=tandem,
        engagement=engagement,
        participation=participation,
        recorded_at=_MOMENT,
        date=_DAY,
        programme=PROGRAMME,
        site="haus",
        carrier="volkshaus",
        district="ost",
        kind="home_visit",
        minutes=90,
        topics=("health",),
        language="uk",
    )


def _row(visit: VisitV1, sequence: int) -> Document:
    return event_row(CITY, "visits", visit, sequence=sequence, fact="logged", moment=_MOMENT, correlation=_MOMENT)


def kafka_record(kafka: Kafka, row: Document) -> dict[str, Any]:
    """What a producer is given, as the relay gives it."""
    headers = Headers(row["_id"], row["type"], row["time"], row["city"], row["sequence"], row["subject"])
    topic = kafka.named(TOPIC.name)
    return {"topic": topic, "key": row["key"].encode(), "value": row["value"], "headers": headers.as_kafka()}
