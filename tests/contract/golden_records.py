"""Records as they were once written, byte for byte: what every later release must read.

``python -m tests.contract.golden_records`` writes the file of each topic that has none. A file that is there is never
changed: where a later release cannot read it any more, the topic needs a new version, not the file.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from shared.contracts.catalog import TOPICS, Topic
from shared.contracts.documents import examples_of
from shared.contracts.envelope import Headers
from shared.messaging.kafka import ConsumerRecord
from shared.storage.rows import event_row, tombstone_row

FOLDER: Final = Path(__file__).parent / "golden"
CITY: Final = "musterhafen"
_MOMENT: Final = "2026-01-15T08:30:00.000Z"


def golden_of(topic: Topic) -> dict[str, Any]:
    """The topic's records by name, each with ``key``, ``headers`` and ``value``, a tombstone's being ``None``."""
    found: dict[str, Any] = json.loads((FOLDER / f"{topic.name}.json").read_text())
    return found


def as_record(topic: Topic, golden: dict[str, Any]) -> ConsumerRecord:
    """The record as Kafka gives it back."""
    headers = tuple((name, value.encode()) for name, value in golden["headers"].items())
    value = None if golden["value"] is None else golden["value"].encode()
    return ConsumerRecord(topic.name, 0, 0, 0, 0, golden["key"].encode(), value, None, -1, -1, headers)


def write_missing() -> list[Path]:
    """Freezes the examples of those topics that have no file yet; says which."""
    written: list[Path] = []
    for topic in TOPICS:
        path = FOLDER / f"{topic.name}.json"
        if not path.exists():
            path.write_text(json.dumps(dict(_records(topic)), ensure_ascii=False, indent=2) + "\n")
            written.append(path)
    return written


def _records(topic: Topic) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, data in examples_of(topic).items():
        state = topic.contract.model_validate(data)
        facts: dict[str, Any] = {"fact": "told", "correlation": "example", "moment": _MOMENT}
        city = data["slug"] if topic.of_cities else CITY
        yield name, _plain(event_row(city, topic.owner, state, sequence=3, **facts))
    gone = str(examples_of(topic)["full"][topic.key])
    yield "gone", _plain(tombstone_row(CITY, topic.contract, gone, sequence=4, moment=_MOMENT))


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    headers = Headers(row["_id"], row["type"], row["time"], row["city"], row["sequence"], row["subject"])
    value = row["value"] and row["value"].decode()
    return {"key": row["key"], "headers": {name: one.decode() for name, one in headers.as_kafka()}, "value": value}


if __name__ == "__main__":
    sys.stdout.writelines(f"{path}\n" for path in write_missing())
