"""A correction is made from the version that the caller saw, whatever happens meanwhile."""

import importlib
from typing import Any

import pytest
import pytest_asyncio

from shared.contracts.visits import VisitV1
from shared.kernel.ids import new_id
from tests.integration.api_parts import Api
from tests.integration.visits.town import Town, body


@pytest_asyncio.fixture(scope="module")
async def town(visits_api: Api) -> Town:
    await visits_api.store.serve_city("fassungsstadt")
    made = Town(visits_api, "fassungsstadt")
    await made.programme()
    return made


async def test_version_guessed_ahead_overwrites_no_change_that_came_in_between(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    pair = await town.pair()
    async with town.as_role() as client:
        made = (await client.post("visits", json=body(pair))).json()
        path = f"visits/{made['id']}"
        module = importlib.import_module("services.visits.api.visits")
        seal = module.sealed_note

        async def slowly(*arguments: Any) -> Any:
            """While the second request seals its note, the first one is stored."""
            monkeypatch.setattr(module, "sealed_note", seal)
            first = {"reason": "wrong_length", "minutes": 45}
            assert (await client.patch(path, json=first, headers={"If-Match": '"1"'})).status_code == 200
            return await seal(*arguments)

        monkeypatch.setattr(module, "sealed_note", slowly)
        second = {"reason": "forgotten", "note": "Ein Satz."}
        guessed = await client.patch(path, json=second, headers={"If-Match": '"2"'})
        assert (guessed.status_code, guessed.headers["etag"]) == (412, '"1"')
        monkeypatch.setattr(module, "sealed_note", slowly)
        late = await client.patch(path, json=second, headers={"If-Match": '"1"'})
        assert (late.status_code, late.headers["etag"]) == (412, '"2"')
    (_, last) = await town.told("visits.visits.v1", made["id"])
    assert isinstance(last, VisitV1)
    assert last.minutes == 45


async def test_version_that_is_not_there_yet_is_412_before_anything_else_is_found_wrong(town: Town) -> None:
    pair = await town.pair()
    async with town.as_role() as client:
        made = (await client.post("visits", json=body(pair))).json()
        empty = {"reason": "wrong_length", "minutes": None}
        for version, status in (("1", 422), ("2", 412)):
            headers = {"If-Match": f'"{version}"'}
            assert (await client.patch(f"visits/{made['id']}", json=empty, headers=headers)).status_code == status


async def test_same_correction_again_is_answered_as_before_though_the_version_has_moved(town: Town) -> None:
    pair = await town.pair()
    change, headers = {"reason": "miscounted", "minutes": 45}, {"If-Match": '"1"', "Idempotency-Key": new_id("key")}
    async with town.as_mentor(pair) as mentor:
        path = f"visits/{(await mentor.post('visits', json=body(pair))).json()['id']}"
        first = await mentor.patch(path, json=change, headers=headers)
        again = await mentor.patch(path, json=change, headers=headers)
        other = await mentor.patch(path, json=change, headers={"If-Match": '"1"'})
    assert [answer.status_code for answer in (first, again, other)] == [200, 200, 412]
    assert (again.headers["etag"], again.headers["idempotent-replayed"]) == ('"2"', "true")
