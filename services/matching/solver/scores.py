"""What a pair that passes every rule is worth: points from tables, pair by pair. Twin of ``domain/fit.py``."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.matching.domain.policy import Weights
from services.matching.solver.columns import BITS, STEPS, TONGUES, Columns, Numbers, Words

Small = NDArray[np.int32]
SLOTS_FOR_ALL_POINTS = 4


@dataclass(frozen=True, slots=True)
class Edges:
    """Pairs by position, with their points."""

    mentors: Small
    families: Small
    fits: Small

    def __len__(self) -> int:
        return len(self.mentors)


@dataclass(frozen=True, slots=True)
class Points:
    """The points of a policy in tables: by step of language, by (wishes, of them met), by common slots."""

    language: Small
    topics: Small
    slots: Small
    distance: int
    continuity: int

    @classmethod
    def of(cls, weights: Weights, most_wishes: int) -> "Points":
        """``most_wishes`` is the length of the longest list of wishes."""
        topics = [
            [
                weights.topics * min(met, wishes) // wishes if wishes else weights.topics
                for met in range(most_wishes + 1)
            ]
            for wishes in range(most_wishes + 1)
        ]
        return cls(
            language=np.asarray([weights.language * step // STEPS for step in range(STEPS + 1)], dtype=np.int32),
            topics=np.asarray(topics, dtype=np.int32),
            slots=np.asarray(
                [weights.time * min(slots, SLOTS_FOR_ALL_POINTS) // SLOTS_FOR_ALL_POINTS for slots in range(BITS + 1)],
                dtype=np.int32,
            ),
            distance=weights.distance,
            continuity=weights.continuity,
        )


def scored(columns: Columns, families: Numbers, sets: Words, points: Points) -> Edges:
    """The members of the sets, with their points."""
    bits = np.unpackbits(sets.view(np.uint8), axis=1, bitorder="little").view(np.bool_)
    rows, members = np.nonzero(bits)
    mentors, chosen = members.astype(np.int32), families[rows].astype(np.int32)
    fits = points.language[_steps(columns, mentors, chosen)]
    fits += points.topics[columns.wishes[chosen], _met(columns, mentors, chosen)]
    fits += points.slots[np.bitwise_count(columns.mentor_slots[mentors] & columns.family_slots[chosen])]
    fits += np.int32(points.distance)
    return Edges(mentors, chosen, fits)


def _steps(columns: Columns, mentors: Small, families: Small) -> NDArray[np.int8]:
    """The highest step that both reach in a common language; 0 where an interpreter is needed."""
    both = columns.mentor_tongues[mentors, 0] & columns.family_tongues[families, 0]
    for word in range(1, columns.mentor_tongues.shape[1]):
        both |= columns.mentor_tongues[mentors, word] & columns.family_tongues[families, word]
    steps: NDArray[np.int8] = (both > 0).astype(np.int8)
    for step in range(1, STEPS):
        steps += both >= np.uint64(1 << TONGUES * step)
    return steps


def _met(columns: Columns, mentors: Small, families: Small) -> NDArray[np.int32]:
    """How many wishes the mentor is qualified for."""
    met = np.zeros(len(mentors), dtype=np.int32)
    for word in range(columns.family_wishes.shape[1]):
        met += np.bitwise_count(columns.mentor_skills[mentors, word] & columns.family_wishes[families, word])
    return met
