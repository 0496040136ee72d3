"""The client: weakest roles in its tokens, patience only where something may still arrive."""

import asyncio
import base64
import json
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from deploy.demo.client import Client, UnexpectedAnswerError, association, coordinator, mentor, together
from shared.kernel.ids import new_id
from shared.security.local_issuer import LocalIssuer

Handler = Callable[[httpx.Request], httpx.Response]


def _client(folder: Path, handler: Handler, patience: float = 5.0) -> Client:
    transport = httpx.MockTransport(handler)
    return Client({"visits": "http://visits"}, LocalIssuer(folder), transport=transport, patience=patience)


def _problem(status: int, code: str, after: str = "0") -> httpx.Response:
    return httpx.Response(status, json={"code": code}, headers={"Retry-After": after})


async def test_client_waits_while_something_has_not_arrived(tmp_path: Path) -> None:
    answers = [_problem(409, "not-yet-known"), _problem(503, "consents-stale"), httpx.Response(201, json={"id": "x"})]
    async with _client(tmp_path, lambda _: answers.pop(0)) as client:
        assert await client.post(coordinator("rostock", "paten"), "visits", "cities/rostock/visits", {}) == {"id": "x"}
        assert client.waited == 2


async def test_client_gives_up_when_its_patience_is_over(tmp_path: Path) -> None:
    async with _client(tmp_path, lambda _: _problem(409, "not-yet-known"), patience=0.0) as client:
        with pytest.raises(UnexpectedAnswerError, match="not-yet-known"):
            await client.get(association(), "visits", "cities")


async def test_client_raises_at_once_for_any_other_conflict_and_names_no_content(tmp_path: Path) -> None:
    async with _client(tmp_path, lambda _: _problem(409, "already-exists")) as client:
        with pytest.raises(UnexpectedAnswerError) as fault:
            await client.post(association(), "visits", "cities", {"name": "Oksana Beispiel"})
        assert client.waited == 0
    assert str(fault.value) == "visits: POST cities: 409 already-exists"


async def test_client_hands_over_a_refusal_that_the_story_asks_for(tmp_path: Path) -> None:
    async with _client(tmp_path, lambda _: _problem(422, "qualification")) as client:
        answer = await client.call(association(), "visits", "POST", "cities", refused=(422,))
    assert (answer.status, answer.code) == (422, "qualification")


async def test_token_has_one_grant_with_all_limits_of_the_caller(tmp_path: Path) -> None:
    seen: list[dict[str, object]] = []

    def handler(request: httpx.Request) -> httpx.Response:
        payload = request.headers["Authorization"].split(".")[1]
        seen.append(json.loads(_decoded(payload)))
        return httpx.Response(200, json={})

    person = new_id("per")
    async with _client(tmp_path, handler) as client:
        await client.get(coordinator("rostock", "paten"), "visits", "x")
        await client.get(mentor("rostock", person), "visits", "x")
    assert seen[0]["grants"] == [{"role": "coordinator", "city": "rostock", "programmes": ["paten"]}]
    assert seen[1]["grants"] == [{"role": "mentor", "city": "rostock"}]
    assert (seen[0].get("person"), seen[1]["person"]) == (None, person)


async def test_together_raises_the_first_fault_by_itself_and_ends_the_others() -> None:
    ended: list[str] = []

    async def fails() -> None:
        raise UnexpectedAnswerError("first")

    async def waits() -> None:
        try:
            await _for_ever()
        finally:
            ended.append("other")

    with pytest.raises(UnexpectedAnswerError, match="first"):
        await together([waits(), fails()])
    assert ended == ["other"]


async def _for_ever() -> None:
    await asyncio.Event().wait()


def _decoded(payload: str) -> bytes:
    return base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4))
