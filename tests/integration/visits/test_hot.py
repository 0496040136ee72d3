"""The short way of logging a visit answers as its twin, FastAPI's own route, does: in every case, to the letter."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
import pytest_asyncio
from starlette.responses import Response
from starlette.types import Receive, Scope

from deploy.local import Stack
from services.visits.app import SERVICE
from shared.kernel.ids import new_id
from shared.observability.metrics import REQUESTS
from shared.web.exchange import Exchange
from shared.web.hot import ShortWay
from tests.integration.api_parts import Api, api_for
from tests.integration.visits.town import PROGRAMME, Pair, Town, body

CITY = "heissstadt"
SUBJECT = "sub_one-and-the-same"
JSON = {"Content-Type": "application/json"}
_VARIES = re.compile(r"(vis|cor|key)_[0-9a-z]{26}|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


class Counted(ShortWay):
    """A short way that counts what it answers."""

    answered = 0

    async def answer(self, scope: Scope, path: str, receive: Receive, exchange: Exchange) -> Response | None:
        """See ``ShortWay``."""
        answer = await super().answer(scope, path, receive, exchange)
        Counted.answered += answer is not None
        return answer


@dataclass(slots=True)
class Both:
    """The same service twice, on the same store: with the short way, and without."""

    short: Town
    twin: Town
    pair: Pair = field(init=False)

    async def ask(self, *, who: str = "mentor", **request: Any) -> list[httpx.Response]:
        """The answers of both; a callable in the request makes its value anew for each."""
        answers: list[httpx.Response] = []
        for town in (self.short, self.twin):
            made = {name: value() if callable(value) else value for name, value in request.items()}
            async with self._client(town, who) as client:
                answers.append(await client.post(made.pop("path", "visits"), **made))
        return answers

    async def alike(self, status: int, code: str = "", **request: Any) -> httpx.Response:
        """Asserts that both say the same, and gives what the short way said."""
        short, twin = await self.ask(**request)
        assert seen(short) == seen(twin)
        assert short.status_code == status, short.text
        if code:
            assert short.json()["code"] == code
        return short

    def _client(self, town: Town, who: str) -> httpx.AsyncClient:
        if who == "nobody":
            return town._here(town.api.bare())
        if who == "forger":
            return town._here(town.api.bare({"Authorization": "Bearer a.b.c"}))
        person = self.pair.person if who == "mentor" else None
        return town.as_role(who, subject=SUBJECT, person=person)


def seen(answer: httpx.Response) -> tuple[int, str, dict[str, str]]:
    """Everything of an answer but ids and moments."""
    headers = {name: _VARIES.sub("…", value) for name, value in answer.headers.items()}
    return answer.status_code, _VARIES.sub("…", answer.text), headers


@pytest_asyncio.fixture(scope="module")
async def both(visits_api: Api, stack: Stack, master_key: bytes) -> AsyncIterator[Both]:
    apis: list[Api] = []
    with pytest.MonkeyPatch.context() as patch:
        for way in (Counted.of, lambda app: ShortWay()):
            patch.setattr("shared.web.app.ShortWay.of", way)
            apis.append(await api_for(SERVICE, stack.mongo_url, master_key, visits_api.tokens._folder))
    await visits_api.store.serve_city(CITY)
    made = Both(*(Town(api, CITY) for api in apis))
    await made.short.programme()
    made.pair = await made.short.pair()
    yield made
    for api in apis:
        api.store.mongo.close()


async def test_visit_is_logged_the_short_way_and_both_say_so_alike(both: Both) -> None:
    before = Counted.answered
    note = {"note": "Nur für uns: “Grüße”\n\\u2028 \u2028 😀"}
    answer = await both.alike(201, json=lambda: body(both.pair, id=new_id("vis"), started_at="14:30", **note))
    assert Counted.answered == before + 1
    assert answer.headers["location"].startswith(f"/v1/cities/{CITY}/visits/vis_")
    await both.alike(201, json=body(both.pair))
    odd = await both.alike(201, json=body(both.pair, date="2025-09-30", topics=[], language=None))
    assert odd.json()["warnings"] == ["outside-period", "before-tandem"]
    await both.alike(201, who="coordinator", json=body(both.pair), headers={"Accept-Language": "en"})
    for town in (both.short, both.twin):
        labels = {"service": "visits", "method": "POST", "status": "2xx", "city": CITY}
        labels["route"] = "/v1/cities/{city}/visits"
        assert town.api.metrics.registry.get_sample_value(REQUESTS.name, labels) == 4


async def test_repeats_are_recognised_by_either_whoever_answered_first(both: Both) -> None:
    sent = body(both.pair, id=new_id("vis"))
    headers = {"Idempotency-Key": new_id("key")}
    first, again = await both.ask(json=sent, headers=headers)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.headers["idempotent-replayed"] == "true"
    assert again.json() == {"id": sent["id"], "version": 1}
    await both.alike(201, json=sent, headers=headers)
    await both.alike(422, "idempotency-key-reused", json=body(both.pair), headers=headers)
    await both.alike(409, "already-exists", json=sent)
    await both.alike(400, "idempotency-key-form", json=body(both.pair), headers={"Idempotency-Key": "short"})
    assert len(await both.short.audited("visit.visit-logged", sent["id"])) == 1


async def test_who_may_not_is_refused_alike_and_the_denial_is_in_the_audit(both: Both) -> None:
    plain = body(both.pair)
    await both.alike(401, "token-missing", who="nobody", json=plain)
    await both.alike(401, "token-refused", who="forger", json=plain)
    await both.alike(403, "role-not-enough", who="auditor", json=plain)
    # Whoever may log nothing does not learn which tandems are known.
    await both.alike(403, "role-not-enough", who="auditor", json={**plain, "tandem": new_id("tan")})
    await both.alike(404, "not-found", path="/v1/cities/nirgends/visits", json=plain)
    stranger = await both.short.pair()
    denied = {"action": "visits.log", "outcome": "denied"}
    audit = both.short.api.store.mongo.city(CITY)["audit"]
    before = await audit.count_documents(denied)
    await both.alike(404, "not-found", json=body(stranger))
    assert await audit.count_documents(denied) == before + 2


async def test_what_is_no_visit_is_refused_alike(both: Both) -> None:
    wrong: tuple[tuple[int, str, dict[str, Any]], ...] = (
        (400, "broken-json", {"content": b'{"tandem": ', "headers": JSON}),
        (400, "broken-json", {"content": b'{"tandem": 1, "tandem": 2}', "headers": JSON}),
        (400, "too-deep", {"content": b"[" * 70 + b"]" * 70, "headers": JSON}),
        (413, "too-large", {"content": b" " * (1024 * 1024 + 1), "headers": JSON}),
        (415, "media-type", {"content": b"tandem=1", "headers": {"Content-Type": "text/plain"}}),
        (422, "invalid", {"json": body(both.pair, surprise=1)}),
        (422, "invalid", {"json": body(both.pair, minutes="90", topics=["Health!"], id="vis_1")}),
        (422, "invalid", {"json": {}}),
        (422, "invalid", {"json": []}),
        (422, "invalid", {"content": b"null", "headers": JSON}),
        (422, "invalid", {"content": b""}),
        (422, "invalid", {"json": body(both.pair), "params": {"colour": "red"}}),
        (422, "invalid", {"json": body(both.pair, kind="party", topics=["cars"])}),
        (422, "invalid", {"json": body(both.pair, date="2026-03-29", started_at="02:30")}),
    )
    for status, code, request in wrong:
        for language in ("de", "en"):
            headers = {**request.get("headers", {}), "Accept-Language": language}
            await both.alike(status, code, **{**request, "headers": headers})


async def test_what_has_not_arrived_and_what_is_erased_is_answered_alike(both: Both) -> None:
    unknown = await both.short.pair(PROGRAMME, known=False)
    answer = await both.alike(409, "not-yet-known", who="coordinator", json=body(unknown))
    assert answer.headers["retry-after"] == "1"
    gone = await both.short.pair()
    await both.short.erase_family(gone)
    answer = await both.alike(201, who="coordinator", json=body(gone, note="Zu spät."))
    assert (answer.json()["warnings"], answer.json()["has_note"]) == (["note-not-kept"], False)
