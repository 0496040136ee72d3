"""People by search tokens: nothing is opened to find them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from services.registry.domain.duplicates import Entered
from services.registry.domain.people import Person
from services.registry.domain.search import LEVELS, Keyed, Wanted, level_of
from services.registry.store.repositories import PEOPLE
from shared.storage.work import Reader

MOST_CANDIDATES: Final = 50
_BEHIND_EVERY_ID: Final = "~"


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who may be the one that is entered, and why."""

    person: Person
    reasons: tuple[str, ...]


async def people_at(
    reader: Reader, wanted: Sequence[Wanted], level: str, after: str | None, limit: int
) -> list[Person]:
    """The first ``limit`` people behind ``after``, by id, who are found on this level and on none before it."""
    number = LEVELS.index(level)
    query = (
        _found(wanted, level) if number == 0 else _found(wanted, level) | {"$nor": [_found(wanted, LEVELS[number - 1])]}
    )
    return await _page(reader, query, after, limit)


async def all_people(reader: Reader, wanted: Sequence[Wanted], fewer_than: int) -> list[tuple[Person, str]] | None:
    """Everybody who is found, with the level, in the order of ``people_at``; ``None`` where it is not so few.

    Most questions are answered by this one read.
    """
    people = await _page(reader, _found(wanted, LEVELS[-1]), None, fewer_than)
    if len(people) >= fewer_than:
        return None
    found = [(person, level_of(wanted, frozenset(person.tokens))) for person in people]
    return [(person, level) for level in LEVELS for person, on in found if on == level]


async def people_by_id(reader: Reader, begin: str, after: str | None, limit: int) -> list[Person]:
    """The first ``limit`` people behind ``after``, by id, whose id begins like this."""
    return await _page(reader, {"_id": {"$gte": begin, "$lt": begin + _BEHIND_EVERY_ID}}, after, limit)


async def candidates(reader: Reader, entered: Entered) -> list[Candidate]:
    """Who may be the same person, of the first people that have something in common with her."""
    people: dict[str, Person] = {}
    if entered.birthdays:
        # By themselves, so that no crowd of the same name hides them.
        born = await PEOPLE.find(reader, _one_of(entered.birthdays), limit=MOST_CANDIDATES)
        people |= {person.id: person for person in born}
    if entered.names:
        people |= {person.id: person for person in await PEOPLE.find(reader, _named(entered), limit=MOST_CANDIDATES)}
    return _evident(entered, people.values())


async def candidates_of_each(reader: Reader, those: Sequence[Entered]) -> list[list[Candidate]]:
    """As ``candidates``, for many who are entered at the same moment, by one read where they have few in common."""
    born = frozenset[bytes]().union(*(one.birthdays for one in those))
    asked = [_named(one) for one in those if one.names] + ([_one_of(born)] if born else [])
    people = await PEOPLE.find(reader, {"$or": asked}, limit=MOST_CANDIDATES) if asked else []
    if len(people) == MOST_CANDIDATES:
        return [await candidates(reader, one) for one in those]
    return [_evident(one, people) for one in those]


def _named(entered: Entered) -> dict[str, Any]:
    return {"$or": [{"$and": [_one_of(tokens) for tokens in needed]} for needed in entered.needed]}


def _evident(entered: Entered, people: Iterable[Person]) -> list[Candidate]:
    found = [Candidate(person, entered.reasons(frozenset(person.tokens))) for person in people]
    return [candidate for candidate in found if candidate.reasons]


async def _page(reader: Reader, query: dict[str, Any], after: str | None, limit: int) -> list[Person]:
    behind = [] if after is None else [{"_id": {"$gt": after}}]
    return await PEOPLE.find(reader, {"$and": [query, *behind]}, sort=[("_id", 1)], limit=limit)


def _found(wanted: Sequence[Wanted], level: str) -> dict[str, Any]:
    """Every word, in one of its readings."""
    return {"$and": [_any([_every(reading, level) for reading in word.readings]) for word in wanted]}


def _every(reading: Sequence[Keyed], level: str) -> dict[str, Any]:
    return {"$and": [_one_of(part.at(level)) for part in reading]}


def _any(queries: list[dict[str, Any]]) -> dict[str, Any]:
    return queries[0] if len(queries) == 1 else {"$or": queries}


def _one_of(tokens: frozenset[bytes]) -> dict[str, Any]:
    return {"tokens": {"$in": sorted(tokens)}}
