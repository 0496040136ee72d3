"""What a stored round holds, unpacked."""

import json
from collections.abc import Mapping
from typing import Any

from services.matching.domain.rounds import Round
from services.matching.store import ROUNDS, round_files
from shared.storage.work import Reader


async def instance_bytes(reader: Reader, held: Round) -> bytes:
    """The matching file that was solved, as JSON."""
    return await round_files.load(reader, held.id, round_files.INSTANCE)


async def result_of(reader: Reader, held: Round) -> dict[str, Any]:
    """The result document, with the time that the solver took."""
    result: dict[str, Any] = json.loads(await round_files.load(reader, held.id, round_files.RESULT))
    return {**result, "seconds": held.milliseconds / 1_000}


async def last_prices(reader: Reader, programme: str) -> Mapping[str, int]:
    """What each mentor's place was worth in the programme's last round; empty before the first."""
    newest = await ROUNDS.find(reader, {"programme": programme}, sort=[("recorded_at", -1)], limit=1)
    if not newest:
        return {}
    prices: dict[str, int] = (await result_of(reader, newest[0]))["certificate"]["prices"]["mentors"]
    return prices
