"""How well a pair that passes every rule fits: whole points, so that sums are exact."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import lru_cache

from services.matching.domain.instance import Family, Mentor
from services.matching.domain.policy import Weights
from shared.kernel.classified import classified
from shared.kernel.languages import LEVELS, SUFFICIENT

_LEAST = LEVELS.index(SUFFICIENT)
_STEPS = len(LEVELS) - _LEAST
_SLOTS_FOR_ALL_POINTS = 4


@classified(internal="language distance topics time continuity")
@dataclass(frozen=True, slots=True)
class Fit:
    """Points by reason; each between 0 and the policy's weight of the same name."""

    language: int
    distance: int
    topics: int
    time: int
    continuity: int

    @property
    def total(self) -> int:
        """All points of the pair."""
        return self.language + self.distance + self.topics + self.time + self.continuity

    def document(self) -> dict[str, int]:
        """The points by name, and ``total``."""
        return {**{part.name: getattr(self, part.name) for part in fields(self)}, "total": self.total}


def fit_of(mentor: Mentor, family: Family, is_draft: bool, weights: Weights) -> Fit:
    """The fit of a pair that passes every rule.

    Language: the better the best common language, the more. Distance: all points, since the file knows districts
    only and the family's is within reach. Topics: the share of the wishes that the mentor is qualified for; all points
    without wishes, for nothing is missing. Time: common slots, all points from four on. Continuity: last round's draft.
    """
    common = best_language(mentor, family)
    steps = 0 if common is None else LEVELS.index(common[1]) - _LEAST + 1
    met = len(family.wishes & mentor.topics & mentor.qualified)
    slots = min(len(family.slots & mentor.slots), _SLOTS_FOR_ALL_POINTS)
    return Fit(
        language=weights.language * steps // _STEPS,
        distance=weights.distance,
        topics=weights.topics * met // len(family.wishes) if family.wishes else weights.topics,
        time=weights.time * slots // _SLOTS_FOR_ALL_POINTS,
        continuity=weights.continuity if is_draft else 0,
    )


def best_language(mentor: Mentor, family: Family) -> tuple[str, str] | None:
    """The common language that the weaker of the two speaks best, and that level; the first by name among equals.

    ``None`` where nothing common is spoken well enough by both: there an interpreter helps.
    """
    return _best_common(_frozen(mentor.languages), _frozen(family.languages), family.not_wished)


def _frozen(languages: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple(languages.items())


@lru_cache(maxsize=1 << 16)
def _best_common(
    mentor: tuple[tuple[str, str], ...], family: tuple[tuple[str, str], ...], not_wished: frozenset[str]
) -> tuple[str, str] | None:
    # The same few combinations of languages come back for tens of thousands of pairs.
    spoken = dict(mentor)
    common = [
        (-min(LEVELS.index(level), LEVELS.index(spoken[tag])), tag)
        for tag, level in family
        if tag in spoken and tag not in not_wished
    ]
    if not common:
        return None
    level, tag = min(common)
    return (tag, LEVELS[-level]) if -level >= _LEAST else None
