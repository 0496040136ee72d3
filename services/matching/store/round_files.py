"""What went into a round and what came out, beside it and in parts: rounds stay small, and no document too large."""

import zlib

from shared.storage.mongo import Document
from shared.storage.work import Reader, Work

COLLECTION = "round_files"
INSTANCE, RESULT = "instance", "result"
_PART = 12 * 1024 * 1024
"""Bytes; a document of MongoDB may have 16 MiB."""


def pack(content: bytes) -> bytes:
    """The content as it is stored: of large rounds this takes long, and is not for the event loop."""
    return zlib.compress(content)


async def store(work: Work, round_id: str, kind: str, packed: bytes) -> None:
    """Writes the packed file of that kind, or replaces it."""
    parts: list[Document] = [
        {"_id": f"{round_id}/{kind}/{number}", "round": round_id, "kind": kind, "part": number, "data": packed[at:end]}
        for number, at in enumerate(range(0, len(packed), _PART))
        for end in (at + _PART,)
    ]
    await work.remove(COLLECTION, {"round": round_id, "kind": kind, "part": {"$gte": len(parts)}})
    await work.put_all(COLLECTION, parts)


async def load(reader: Reader, round_id: str, kind: str) -> bytes:
    """The file of that kind as it was stored."""
    parts = await reader.find(COLLECTION, {"round": round_id, "kind": kind}, sort=[("part", 1)])
    return zlib.decompress(b"".join(part["data"] for part in parts))
