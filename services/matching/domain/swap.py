"""A family that comes after the round: a free place for it, or one draft that moves so that there is one.

Only drafts move, which nobody has been told of, and never more than one: whoever is moved has another mentor at once.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from services.matching.domain.fit import fit_of
from services.matching.domain.instance import Family, Mentor
from services.matching.domain.policy import Policy
from services.matching.domain.rules import MentorSets, members


@dataclass(frozen=True, slots=True)
class Move:
    """The mentor for the new family; where one draft moves for it, whose it was and where it goes.

    ``points`` is by how many points of fit the pairs together gain.
    """

    mentor: str
    points: int
    moved: str | None = None
    to: str | None = None


@dataclass(slots=True)
class Drafts:
    """The mentors of a programme with their free places, and the drafts that may move.

    ``among`` are the mentors that may be chosen, as a set of bits; without it all of them.
    """

    mentors: Sequence[Mentor]
    sets: MentorSets
    left: list[int]
    policy: Policy
    prices: Mapping[str, int] = field(default_factory=dict)
    given: dict[int, list[Family]] = field(default_factory=dict)
    """The families of each mentor's drafts, by her position."""
    among: int | None = None

    def find(self, family: Family) -> Move | None:
        """A free place, best by fit less price; else the one move that gains most; ``None`` where there is neither."""
        possible = self._possible(family)
        free = [number for number in possible if self.left[number] > 0]
        if free:
            best = max(free, key=lambda number: (self._worth(family, number), -number))
            return Move(self.mentors[best].id, self._fit(family, best))
        moves = [move for number in possible for move in self._moves(family, number)]
        return max(moves, key=lambda move: (move.points, move.mentor, move.to), default=None)

    def take(self, family: Family, move: Move) -> None:
        """Makes the move."""
        place = self.sets.position[move.mentor]
        if move.moved is None or move.to is None:
            self.left[place] -= 1
        else:
            other = next(one for one in self.given[place] if one.id == move.moved)
            self.given[place].remove(other)
            to = self.sets.position[move.to]
            self.given.setdefault(to, []).append(other)
            self.left[to] -= 1
        self.given.setdefault(place, []).append(family)

    def _moves(self, family: Family, number: int) -> Iterator[Move]:
        """The moves that give the family this mentor: each of her drafts that has another free place."""
        gained = self._fit(family, number)
        for other in self.given.get(number, ()):
            free = [to for to in self._possible(other) if to != number and self.left[to] > 0]
            if free:
                best = max(free, key=lambda to: (self._worth(other, to), -to))
                points = gained - self._fit(other, number) + self._fit(other, best)
                yield Move(self.mentors[number].id, points, other.id, self.mentors[best].id)

    def _possible(self, family: Family) -> list[int]:
        chosen = self.sets.everyone if self.among is None else self.among
        return list(members(self.sets.candidates(family, self.sets.everyone) & chosen))

    def _worth(self, family: Family, number: int) -> int:
        return self._fit(family, number) - self.prices.get(self.mentors[number].id, 0)

    def _fit(self, family: Family, number: int) -> int:
        return fit_of(self.mentors[number], family, False, self.policy.weights).total
