"""How many more pairs would fit, and how many more families could be helped, if one rule alone decided nothing.

The most families that can be helped at all is what a round reaches, whatever its order of aims: the families that can
be helped together form a matroid. So nothing is solved anew: the round's pairs are extended until they are the most.
"""

from collections import deque
from collections.abc import Collection, Mapping, Sequence

from services.matching.domain.instance import Instance
from services.matching.domain.relaxed import SOFT
from services.matching.domain.rules import RULES, MentorSets, members, places_mask


def more_if_soft(
    instance: Instance, pairs: Mapping[str, str], softened: Sequence[str] = (), closed: Collection[str] = ()
) -> dict[str, dict[str, int]]:
    """For each rule of ``SOFT`` but the ``softened``; ``pairs`` maps each family that the round helps to its mentor.

    ``closed`` are mentors that are there for their tandems only, and could take nobody if rules were soft.
    """
    families, places = instance.open_families(), instance.free_places()
    sets, with_places = MentorSets.of(instance), places_mask(places)
    chosen = {place: sets.position[pairs[one.id]] for place, one in enumerate(families) if one.id in pairs}
    passing = [sets.passing(one, with_places) for one in families]
    able = sets.everyone & ~sum(1 << number for number, one in enumerate(instance.mentors) if one.id in closed)
    edges = sum(_all_but(masks, able, "").bit_count() for masks in passing)
    found: dict[str, dict[str, int]] = {}
    for rule in SOFT:
        if rule not in softened:
            fitting = [_all_but(masks, able, rule) for masks in passing]
            unlimited = rule == "capacity"
            most = sum(1 for one in fitting if one) if unlimited else most_helped(fitting, places, chosen)
            more = sum(one.bit_count() for one in fitting) - edges
            found[rule] = {"edges": more, "matched": most - len(chosen)}
    return found


def most_helped(fitting: Sequence[int], places: Sequence[int], chosen: Mapping[int, int]) -> int:
    """The most families that can have a mentor each, ``fitting`` being a set of mentors for each of them.

    ``chosen`` is where to begin: pairs that fit, within the places.
    """
    mentor_of = dict(chosen)
    held: list[set[int]] = [set() for _ in places]
    for family, mentor in mentor_of.items():
        held[mentor].add(family)
    free = places_mask([most - len(taken) for most, taken in zip(places, held, strict=True)])
    # Whoever was looked at in vain leads to no place later either.
    vain = 0
    for family in range(len(fitting)):
        if family not in mentor_of and fitting[family] & ~vain:
            last, seen = _given_a_place(family, fitting, (free, vain), mentor_of, held)
            if last is None:
                vain = seen
            elif len(held[last]) >= places[last]:
                free &= ~(1 << last)
    return len(mentor_of)


def _given_a_place(
    family: int, fitting: Sequence[int], sets: tuple[int, int], mentor_of: dict[int, int], held: list[set[int]]
) -> tuple[int | None, int]:
    """The mentor whose free place was taken for it, others moving up on the way; and all that were looked at."""
    free, seen = sets
    came_by: dict[int, int] = {}
    waiting = deque([family])
    while waiting:
        one = waiting.popleft()
        new = fitting[one] & ~seen
        seen |= new
        for mentor in members(new & free or new):
            came_by[mentor] = one
            if free >> mentor & 1:
                _move_up(mentor, came_by, mentor_of, held)
                return mentor, seen
            waiting.extend(held[mentor])
    return None, seen


def _move_up(mentor: int, came_by: Mapping[int, int], mentor_of: dict[int, int], held: list[set[int]]) -> None:
    place: int | None = mentor
    while place is not None:
        family = came_by[place]
        left = mentor_of.get(family)
        mentor_of[family] = place
        held[place].add(family)
        if left is not None:
            held[left].discard(family)
        place = left


def _all_but(masks: Sequence[int], everyone: int, soft: str) -> int:
    remaining = everyone
    for rule, passes in zip(RULES, masks, strict=True):
        if rule != soft:
            remaining &= passes
    return remaining
