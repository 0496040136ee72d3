"""A mentor's list is closed while registry cannot know which tandems have ended; nobody is opened for it."""

from datetime import timedelta

import pytest
import pytest_asyncio

from shared.kernel.clock import write_instant
from tests.integration.api_parts import Api
from tests.integration.registry.families_parts import PATH, Tandems, beat, consent_of
from tests.integration.registry.town import Town

CITY = "zweifelsstadt"
DOUBTS = {"nothing was ever heard": None, "31 s ago": timedelta(seconds=-31), "from the future": timedelta(seconds=6)}
"""What is wrong with the beat of one partition of six; the others are of this moment."""


@pytest_asyncio.fixture(scope="module")
async def town(api: Api) -> Town:
    made = Town(api, CITY)
    await made.build()
    return made


async def _beat_is(town: Town, aside: timedelta | None) -> None:
    await beat(town.api)
    if aside is not None:
        await beat(town.api, write_instant(town.api.store.clock() + aside), range(4, 5))
        return
    offsets = town.api.store.mongo.runtime()["offsets"]
    await offsets.update_one({"_id": "matching.tandems.v1:4"}, {"$unset": {"beat": 1}})


async def _opened(town: Town) -> int:
    return int(await town.api.store.mongo.city(CITY)["audit"].count_documents({"action": "sealed.read"}))


@pytest.mark.parametrize("doubt", DOUBTS)
async def test_list_is_closed_with_a_clear_answer_and_opens_with_the_next_beat(town: Town, doubt: str) -> None:
    tandems, mentor = Tandems(town), await town.person("Mara Muster")
    family = await town.family(await town.person("Kim Beispiel"))
    await town.post("consents", consent_of(family))
    await tandems.begin(await town.engagement(mentor), await town.participation(family))
    sync = (await tandems.mine(mentor))["sync"]
    opened = await _opened(town)
    await _beat_is(town, DOUBTS[doubt])
    for query in ("", f"?since={sync}"):
        for language, words in (("de", "Tandem"), ("en", "tandem")):
            async with town.api.client("mentor", CITY, person=mentor) as client:
                headers = {"Accept-Language": language}
                answer = await client.get(f"/v1/cities/{CITY}/{PATH}{query}", headers=headers)
            assert (answer.status_code, answer.json()["code"]) == (503, "tandems-stale")
            assert answer.headers["retry-after"] == "1"
            assert words in answer.json()["title"]
            assert "Kim" not in answer.text
            assert family not in answer.text
    assert await _opened(town) == opened
    await _beat_is(town, timedelta(seconds=-25))
    async with town.api.client("mentor", CITY, person=mentor) as client:
        assert len((await client.get(f"/v1/cities/{CITY}/{PATH}")).json()["items"]) == 1
