"""Rounds made ready for questions. Reading a file of thousands takes a while: done beside the loop, and kept."""

import asyncio
import json
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any, Final

from services.matching.domain.rounds import Round
from services.matching.domain.solved import SolvedRound, solved_round
from services.matching.queries.rounds import instance_bytes, result_of
from shared.storage.work import Reader

_KEPT: Final = 2


class SolvedRounds:
    """The rounds that were asked about last; a stored round that has changed is read again."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[str, str, int], SolvedRound] = OrderedDict()

    async def of(self, reader: Reader, held: Round) -> SolvedRound:
        """The round, ready for questions."""
        key = (reader.city, held.id, held.version)
        found = self._kept.get(key)
        if found is None:
            file, result = await instance_bytes(reader, held), await result_of(reader, held)
            found = await asyncio.to_thread(_read, held, file, result)
            self._kept[key] = found
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        self._kept.move_to_end(key)
        return found


def _read(held: Round, file: bytes, result: Mapping[str, Any]) -> SolvedRound:
    return solved_round(json.loads(file), result, held.policy, held.unavailable)
