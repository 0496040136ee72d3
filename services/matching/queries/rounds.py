"""What a stored round holds, unpacked."""

import json
import zlib
from collections.abc import Mapping
from typing import Any

from services.matching.domain.rounds import Round
from services.matching.store import ROUNDS
from shared.storage.work import Reader


def instance_bytes(held: Round) -> bytes:
    """The matching file that was solved, as JSON."""
    return zlib.decompress(held.instance)


def result_of(held: Round) -> dict[str, Any]:
    """The result document, with the time that the solver took."""
    result: dict[str, Any] = json.loads(zlib.decompress(held.result))
    return {**result, "seconds": held.milliseconds / 1_000}


async def last_prices(reader: Reader, programme: str) -> Mapping[str, int]:
    """What each mentor's place was worth in the programme's last round; empty before the first."""
    newest = await ROUNDS.find(reader, {"programme": programme}, sort=[("recorded_at", -1)], limit=1)
    if not newest:
        return {}
    prices: dict[str, int] = result_of(newest[0])["certificate"]["prices"]["mentors"]
    return prices
