"""Search tokens for those who were registered before there were any, or by other rules."""

from typing import Final

from services.registry.domain.people import Person
from services.registry.domain.search import FORM, tokens_of
from services.registry.store.repositories import PEOPLE
from shared.kernel.errors import SealBroken
from shared.security.principals import Actor
from shared.storage.store import Store
from shared.storage.work import Work

ACTOR: Final = Actor("service/registry", "service", "search-tokens", purpose="search_tokens")
_AT_ONCE: Final = 100
_FORMER: Final = {"$in": [None, *range(FORM)]}


async def make_missing_tokens(store: Store) -> int:
    """Opens whoever has no tokens of the present form, and makes them; says how many. For the start; repeatable.

    Raises ``SealBroken`` when all others are done, if somebody could not be opened.
    """
    return sum([await _make_in(store, city) for city in await store.cities()])


async def _make_in(store: Store, city: str) -> int:
    made, after = 0, ""
    broken: SealBroken | None = None
    while found := await _without(store, city, after):
        after = found[-1].id
        for person in found:
            try:
                made += await _make(store, city, person)
            except SealBroken as fault:
                # An erasure takes the document before the key; whoever is still there is a finding.
                gone = await PEOPLE.find_one(store.reader(city), {"_id": person.id}) is None
                broken = broken if gone else fault
    if broken is not None:
        raise broken
    return made


async def _without(store: Store, city: str, after: str) -> list[Person]:
    query = {"tokens_form": _FORMER, "_id": {"$gt": after}}
    return await PEOPLE.find(store.reader(city), query, sort=[("_id", 1)], limit=_AT_ONCE)


async def _make(store: Store, city: str, person: Person) -> bool:
    identity = await store.open_sealed(city, ACTOR, person.identity, ("name", "birth_date"))
    tokens = tokens_of(await store.city_key(city, "search"), identity)

    async def body(work: Work) -> bool:
        # The version stays: what is told of a person does not change. Whoever changed her meanwhile made her tokens.
        same = {"_id": person.id, "version": person.version}
        work.note("person.tokens-made", person.id)
        return await work.change(PEOPLE.collection, same, {"$set": {"tokens": list(tokens), "tokens_form": FORM}})

    return await store.transact(city, ACTOR, body)
