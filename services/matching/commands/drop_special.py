"""Stored rounds lose the tokens of special topics once thirty days have passed since the last of their decisions."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any, Final

from services.matching.domain.explanation import SPECIAL_PREFIX
from services.matching.domain.proposals import LIVE
from services.matching.store import PROPOSALS, ROUNDS, round_files
from shared.kernel.canonical import canonical_json
from shared.kernel.clock import write_instant
from shared.security.principals import Actor
from shared.storage.store import Store
from shared.storage.work import Work

KEPT: Final = timedelta(days=30)
_LISTS: Final = ("topics", "qualified", "wishes")
"""Where a file names topics; what a policy does not demand is among the wishes."""


async def drop_special_everywhere(store: Store) -> int:
    """Rewrites the rounds that are due, in every city and programme; for every night. Says how many."""
    actor = Actor("service/matching", "service", "special-dropped")
    dropped = 0
    for city in await store.cities():
        for programme in sorted({one.programme for one in await ROUNDS.find(store.reader(city), {"special": True})}):
            dropped += await store.transact(city, actor, partial(drop_special, programme=programme))
    return dropped


async def drop_special(work: Work, programme: str) -> int:
    """Rewrites the programme's rounds that are due; says how many. Their hash stays the one of what was solved."""
    latest = write_instant(work.moment - KEPT)
    rounds = await ROUNDS.find(work, {"programme": programme, "special": True, "recorded_at": {"$lte": latest}})
    dropped = 0
    for one in rounds:
        recent = {"round": one.id, "$or": [{"state": {"$in": list(LIVE)}}, {"decided_at": {"$gt": latest}}]}
        if await PROPOSALS.find_one(work, recent) is not None:
            continue
        plain = without_special(json.loads(await round_files.load(work, one.id, round_files.INSTANCE)))
        await round_files.store(work, one.id, round_files.INSTANCE, round_files.pack(canonical_json(plain)))
        await ROUNDS.save(work, replace(one, special=False), "special-dropped", ("instance",))
        dropped += 1
    return dropped


def has_special(document: Mapping[str, Any]) -> bool:
    """Whether a matching file has topics of a special category."""
    rows = (*document["mentors"], *document["families"])
    return any(topic.startswith(SPECIAL_PREFIX) for row in rows for name in _LISTS for topic in row.get(name, ()))


def without_special(document: Mapping[str, Any]) -> dict[str, Any]:
    """The file without them."""
    return {**document, "mentors": _plain(document["mentors"]), "families": _plain(document["families"])}


def _plain(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        {
            name: [topic for topic in value if not topic.startswith(SPECIAL_PREFIX)] if name in _LISTS else value
            for name, value in row.items()
        }
        for row in rows
    ]
