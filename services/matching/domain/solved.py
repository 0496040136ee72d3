"""A round as it was solved, made ready for questions: its file, its pairs, its prices."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from services.matching.domain.explanation import Reason
from services.matching.domain.fit import Fit, fit_of
from services.matching.domain.instance import Family, Instance, Mentor, input_sha256
from services.matching.domain.instance_check import read_instance
from services.matching.domain.policy import Policy, read_policy
from services.matching.domain.rules import MentorSets, places_mask
from services.matching.domain.tiers import family_ranks, unit_of


@dataclass(frozen=True)
class SolvedRound:
    """The file and what came of it. ``chosen`` has each family's mentor; ``unavailable`` who was not in the file.

    ``reduced``: the file is no longer the one that was solved; what the law wants gone was taken from it.
    """

    instance: Instance
    policy: Policy
    chosen: Mapping[str, str]
    mentor_prices: Mapping[str, int]
    family_prices: Mapping[str, int]
    unavailable: Mapping[str, Reason]
    reduced: bool = False

    @cached_property
    def mentors(self) -> dict[str, Mentor]:
        """By id."""
        return {mentor.id: mentor for mentor in self.instance.mentors}

    @cached_property
    def families(self) -> dict[str, Family]:
        """By id, those with a frozen pair too."""
        return {family.id: family for family in self.instance.families}

    @cached_property
    def sets(self) -> MentorSets:
        """The mentors by what they have."""
        return MentorSets.of(self.instance)

    @cached_property
    def free(self) -> tuple[int, ...]:
        """The places of each mentor before the round."""
        return self.instance.free_places()

    @cached_property
    def with_places(self) -> int:
        """The mentors that had a place before the round."""
        return places_mask(self.free)

    @cached_property
    def given(self) -> dict[str, tuple[str, ...]]:
        """The families that each mentor got in this round."""
        found: dict[str, list[str]] = {}
        for family, mentor in sorted(self.chosen.items()):
            found.setdefault(mentor, []).append(family)
        return {mentor: tuple(families) for mentor, families in found.items()}

    @cached_property
    def left(self) -> tuple[int, ...]:
        """The places of each mentor after the round."""
        return tuple(
            free - len(self.given.get(mentor.id, ()))
            for mentor, free in zip(self.instance.mentors, self.free, strict=True)
        )

    @cached_property
    def ranks(self) -> dict[str, int]:
        """The rank of each family that had no mentor before the round; it rises with urgency, then with waiting."""
        return family_ranks(self.instance, self.policy)

    @cached_property
    def first_urgent(self) -> int | None:
        """The lowest rank of an urgent family; ``None`` where none was urgent."""
        urgent = [rank for family, rank in self.ranks.items() if self.families[family].urgent]
        return min(urgent, default=None)

    @cached_property
    def unit(self) -> int:
        """What one rank is worth in points of fit."""
        return unit_of(self.instance, self.policy)

    @cached_property
    def drafts(self) -> frozenset[tuple[str, str]]:
        """The pairs that the round before had proposed."""
        return frozenset(self.instance.drafts)

    @cached_property
    def frozen(self) -> dict[str, str]:
        """The mentor of each family that had one before."""
        return {family: mentor for mentor, family in self.instance.frozen}

    def fit(self, mentor: Mentor, family: Family) -> Fit:
        """The points of a pair that passes every rule."""
        return fit_of(mentor, family, (mentor.id, family.id) in self.drafts, self.policy.weights)

    def weight(self, mentor: Mentor, family: Family) -> int:
        """What the pair weighs in the round."""
        return self.unit * self.ranks[family.id] + self.fit(mentor, family).total


def solved_round(
    file: object, result: Mapping[str, Any], policy: object, unavailable: Mapping[str, Reason]
) -> SolvedRound:
    """The round that these documents describe. Raises ``Refused`` for a file that is none."""
    prices, instance = result["certificate"]["prices"], read_instance(file)
    return SolvedRound(
        instance=instance,
        policy=read_policy(policy),
        chosen={pair["family"]: pair["mentor"] for pair in result["pairs"]},
        mentor_prices=prices["mentors"],
        family_prices=prices["families"],
        unavailable=unavailable,
        reduced=input_sha256(instance) != result["input_sha256"],
    )
