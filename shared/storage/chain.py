"""The audit chain of a city: rows are numbered and hashed behind the writes, by the holder of the service's lease.

Chaining inside the acts' transactions was tried elsewhere: it is a lock for the whole city. A unique number makes a
fork impossible.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from shared.storage.audit import row_hash
from shared.storage.mongo import ASCENDING, DESCENDING, Collection, Document, Mongo, UpdateOne

ROWS_A_ROUND: Final = 2_000
START: Final = "0" * 64


@dataclass(frozen=True, slots=True)
class ChainFinding:
    """A row, or a place between rows, where the chain does not hold."""

    number: int
    code: str


def link(previous: str, row_digest: str) -> str:
    """The chain's hash after a row."""
    return hashlib.sha256(f"{previous}{row_digest}".encode()).hexdigest()


async def chain_city(mongo: Mongo, city: str) -> int:
    """Chains what is not yet chained, at most ``ROWS_A_ROUND`` rows; says how many."""
    audit = mongo.city(city)["audit"]
    last = await audit.find_one({"number": {"$gt": 0}}, sort=[("number", DESCENDING)])
    number, previous = (last["number"], last["chained"]) if last else (0, START)
    order = [("at", ASCENDING), ("writer", ASCENDING), ("counter", ASCENDING)]
    rows = await audit.find({"number": {"$exists": False}}).sort(order).limit(ROWS_A_ROUND).to_list(None)
    changes: list[UpdateOne] = []
    for row in rows:
        number += 1
        chained = link(previous, row["hash"])
        change = {"$set": {"number": number, "previous": previous, "chained": chained}}
        changes.append(UpdateOne({"_id": row["_id"], "number": {"$exists": False}}, change))
        previous = chained
    if changes:
        await audit.bulk_write(changes, ordered=True)
    return len(changes)


async def oldest_unchained(mongo: Mongo, city: str) -> str | None:
    """The instant of the oldest row that is not chained."""
    row = await mongo.city(city)["audit"].find_one({"number": {"$exists": False}}, sort=[("at", ASCENDING)])
    return row["at"] if row else None


async def verify_city(mongo: Mongo, city: str) -> list[ChainFinding]:
    """Every place where rows were changed, removed, reordered or never written; empty when all is well."""
    audit = mongo.city(city)["audit"]
    findings: list[ChainFinding] = []
    number, previous = 0, START
    async for row in audit.find({"number": {"$gt": 0}}).sort("number", ASCENDING):
        number += 1
        findings += _check(row, number, previous)
        number, previous = row["number"], row["chained"]
    return findings + await _gaps(audit)


def _check(row: Document, number: int, previous: str) -> list[ChainFinding]:
    checks = [
        ("number-missing", row["number"] == number),
        ("row-changed", row_hash(row) == row["hash"]),
        ("order-changed", row["previous"] == previous),
        ("link-changed", link(row["previous"], row["hash"]) == row["chained"]),
    ]
    return [ChainFinding(row["number"], code) for code, holds in checks if not holds]


async def _gaps(audit: Collection) -> list[ChainFinding]:
    """Numbers that a writer drew and never wrote down."""
    per_writer: Sequence[Document] = [
        {"$group": {"_id": "$writer", "rows": {"$sum": 1}, "highest": {"$max": "$counter"}}},
        {"$match": {"$expr": {"$ne": ["$rows", "$highest"]}}},
    ]
    return [ChainFinding(0, "writer-gap") async for _ in audit.aggregate(list(per_writer))]
