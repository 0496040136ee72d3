"""The reasons of a round's pairs as a person is told them: what the file does not know is added after the solve."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from services.matching.domain.explanation import Reason, public_topics
from services.matching.domain.known import Engagement
from services.matching.domain.pool import Pool, PoolFile, Row
from services.matching.domain.understanding import Understanding, named_as_spoken


@dataclass(frozen=True, slots=True)
class PairReasons:
    """Of one round's file. The file has one word for a language that is spoken and one that is understood."""

    engagements: Mapping[str, Engagement]
    mentors: Mapping[str, Row]
    families: Mapping[str, Row]
    table: tuple[Understanding, ...]

    @classmethod
    def of(cls, pool: Pool, file: PoolFile) -> "PairReasons":
        """Of a pool and the file that was made of it."""
        return cls(
            {one.id: one for one in pool.engagements},
            {row["id"]: row for row in file.document["mentors"]},
            {row["id"]: row for row in file.document["families"]},
            pool.leads.understands,
        )

    def told(self, pair: Mapping[str, Any]) -> tuple[Reason, ...]:
        """The reasons of a pair of the result; the language is the one she speaks, wishes not met come last."""
        spoken = self.engagements[pair["mentor"]].levels
        reasons = [named_as_spoken(reason, spoken, self.table) for reason in pair["why"]]
        missing = uncovered(self.mentors[pair["mentor"]], self.families[pair["family"]])
        return (*reasons, *({"rule": "uncovered", "topics": topics} for topics in [missing] if topics))


def uncovered(mentor: Row, family: Row) -> list[str]:
    """The family's wishes that the mentor does not offer or is not qualified for; special ones as ``special``."""
    covered: Iterable[str] = set(mentor["topics"]) & set(mentor["qualified"])
    return public_topics(set(family["wishes"]) - set(covered))
