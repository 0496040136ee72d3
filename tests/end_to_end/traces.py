"""Looking for a text wherever the house keeps or tells something: databases, Kafka's files, logs, metrics, files."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import bson
import httpx
from pymongo import MongoClient

from deploy.services import SERVICES
from tests.end_to_end.conftest import House

_OFFSETS_ONLY: Final = frozenset({".index", ".timeindex"})
"""Kafka's indexes: megabytes of offsets and times each, without keys and values."""


def found_in(house: House, *texts: str) -> dict[str, list[str]]:
    """Every place where each text is, in one pass; its form in JSON with escapes counts as well."""
    forms = {text: {text.encode(), text.encode("unicode_escape")} for text in texts}
    found: dict[str, list[str]] = {text: [] for text in texts}
    for place, content in _everything(house):
        for text, wanted in forms.items():
            if any(form in content for form in wanted):
                found[text].append(place)
    return found


def in_databases(house: House, text: str) -> list[str]:
    """The collections in which the text is."""
    return [place for place, content in databases(house) if text.encode() in content]


def in_topic(house: House, topic: str, text: str) -> list[str]:
    """Kafka's files of a topic in which the text is, keys and values alike: nothing is compressed."""
    return [place for place, content in _files(house.root / "stack", f"{topic}-*/*.log") if text.encode() in content]


def _everything(house: House) -> Iterator[tuple[str, bytes]]:
    yield from databases(house)
    yield from _files(house.root, "**/*")
    for name in SERVICES:
        yield f"{name}/metrics", httpx.get(f"{house.services.url(name)}/metrics", timeout=5).content


def databases(house: House) -> Iterator[tuple[str, bytes]]:
    """Every document as BSON, with the collection that has it."""
    client: MongoClient[dict[str, object]] = MongoClient(house.stack.mongo_url)
    try:
        for database in client.list_database_names():
            for collection in client[database].list_collection_names():
                for row in client[database][collection].find():
                    yield f"{database}.{collection}", bson.encode(row)
    finally:
        client.close()


def _files(root: Path, pattern: str) -> Iterator[tuple[str, bytes]]:
    for path in root.rglob(pattern) if not pattern.startswith("**") else root.glob(pattern):
        try:
            if path.is_file() and path.suffix not in _OFFSETS_ONLY:
                yield str(path.relative_to(root)), path.read_bytes()
        except FileNotFoundError:
            # Kafka's cleaner takes files away while we look.
            continue
