"""Lists ask the store as often for many rows as for few."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
import pytest_asyncio

from shared.kernel.dates import days_after, today
from shared.storage.work import Reader
from tests.integration.api_parts import Api
from tests.integration.registry.town import Town

CITY = "sammelstadt"
Asks = Callable[[Callable[[], Awaitable[Any]]], Awaitable[int]]


@pytest_asyncio.fixture(scope="module")
async def town(api: Api) -> Town:
    made = Town(api, CITY)
    await made.build()
    return made


@pytest.fixture
def asks(monkeypatch: pytest.MonkeyPatch) -> Asks:
    """How often a reader takes a collection in hand: each time is one statement."""
    taken: list[str] = []
    collection = Reader.collection

    def counted(self: Reader, name: str) -> Any:
        taken.append(name)
        return collection(self, name)

    monkeypatch.setattr(Reader, "collection", counted)

    async def ask(act: Callable[[], Awaitable[Any]]) -> int:
        taken.clear()
        await act()
        return len(taken)

    return ask


async def test_the_number_of_reads_does_not_grow_with_the_rows(town: Town, asks: Asks) -> None:
    people: list[str] = []
    limits = {"programmes": ["paten"], "carrier": "awo"}

    async def names() -> None:
        found = await town.post("people:names", {"ids": people}, **limits)
        assert len(found["names"]) == len(people)

    async def families() -> None:
        assert len((await town.get("families?limit=100", **limits))["items"]) == len(people)

    async def due() -> None:
        assert len((await town.get("due?limit=100", **limits))["items"]) == 2 * len(people)

    async def more(count: int) -> list[int]:
        for _ in range(count):
            people.append(await _family_with_consents(town))
        return [await asks(act) for act in (names, families, due)]

    few = await more(1)
    assert min(few) > 0
    assert await more(4) == few


async def _family_with_consents(town: Town) -> str:
    """A person whose family takes part; her consent and the family's end soon."""
    person = await town.person()
    family = await town.family(person)
    await town.participation(family)
    ends = days_after(today(town.api.store.clock()), 50)
    for subject in (person, family):
        head = {"subject": subject, "purpose": "photo", "capacity": "self", "text": "consent_text"}
        body = {**head, "text_language": "uk", "how": "in_writing", "given_on": "2025-11-17", "expires_on": ends}
        await town.post("consents", body)
    return person
