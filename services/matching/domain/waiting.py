"""Who waits after a round, and why: codes with counts; a mentor or another family is never named."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from services.matching.domain.availability import ORDER
from services.matching.domain.explanation import Reason
from services.matching.domain.helps import LANGUAGE_GAP, Helps
from services.matching.domain.instance_check import read_instance
from services.matching.domain.pool import Pool, PoolFile
from services.matching.domain.rules import places_mask
from shared.kernel.classified import classified


@classified(
    internal="round programme district languages topics waiting_since reasons would_help urgent sites carriers "
    "waits version",
    personal="id",
)
@dataclass(frozen=True, slots=True)
class Waiter:
    """A participation after a round. ``waits`` is false once it no longer does: the version counts on.

    ``reasons`` are ``(rule, mentors)``: how many mentors fail at which rule first.
    """

    id: str
    round: str
    programme: str
    district: str | None
    languages: tuple[str, ...]
    topics: tuple[str, ...]
    waiting_since: str
    reasons: tuple[tuple[str, int], ...]
    would_help: tuple[Reason, ...] = ()
    urgent: bool = False
    sites: tuple[str, ...] = ()
    carriers: tuple[str, ...] = ()
    waits: bool = True
    version: int = 0

    @property
    def lacks(self) -> tuple[str, ...]:
        """What nobody who might help has: the language, or nothing."""
        return ("language",) if any(one["rule"] == LANGUAGE_GAP for one in self.would_help) else ()

    def served(self) -> "Waiter":
        """No longer waiting."""
        return replace(self, waits=False)


def reasons_of(first_failed: Mapping[str, int], file: PoolFile) -> tuple[tuple[str, int], ...]:
    """All mentors by the rule they fail at first, those that are not in the file too, in the order of asking."""
    counts = Counter(dict(first_failed))
    inside = {row["id"] for row in file.document["mentors"]}
    counts.update(str(reason["rule"]) for key, reason in file.unavailable.items() if key not in inside)
    return tuple((rule, counts[rule]) for rule in ORDER if counts[rule])


def with_unavailable(
    pool: Pool, file: PoolFile, waiting: Iterable[Mapping[str, Any]], pairs: Iterable[Mapping[str, Any]]
) -> dict[str, tuple[Reason, ...]]:
    """For each family that waits after the ``pairs`` of a round what would help it; see ``Helps``."""
    instance = read_instance(file.document)
    families = {family.id: family for family in instance.families}
    given = Counter(pair["mentor"] for pair in pairs)
    left = [free - given[mentor.id] for mentor, free in zip(instance.mentors, instance.free_places(), strict=True)]
    helps, with_places = Helps.of(pool, file, instance), places_mask(left)
    return {entry["family"]: helps.for_family(families[entry["family"]], with_places) for entry in waiting}
