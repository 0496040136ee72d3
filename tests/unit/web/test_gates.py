"""In which order a request is refused, and that nothing is told to whom it is not for."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from io import StringIO
from typing import Any

import httpx
import pytest

from shared.kernel.ids import new_id
from shared.security.principals import AUDITOR, CITY, COORDINATOR, MENTOR
from tests.unit.web.parts import Box, Shelf, assert_problem

BOXES = "/v1/cities/rostock/boxes"
JSON = {"Content-Type": "application/json"}
TOO_LARGE = b"{" + b" " * (1024 * 1024)
BROKEN = b'{"label": '
ALIEN = b'{"label": "a", "_id": "x"}'


async def test_without_a_token_nothing_else_is_looked_at(service: Shelf) -> None:
    for path in (BOXES, "/v1/cities/nowhere/boxes", "/v1/cities", "/v1/unknown"):
        answer = await service.bare().post(path, content=TOO_LARGE, headers=JSON)
        assert_problem(answer, 401, "token-missing")
        assert answer.headers["www-authenticate"] == "Bearer"
    answer = await service.bare({"Authorization": "Bearer a.b.c"}).post(BOXES, content=BROKEN)
    assert_problem(answer, 401, "token-refused")
    assert service.counted("tueroeffner_web_tokens_refused_total", code="token-refused") == 1


async def test_city_is_looked_at_before_size_form_role_and_content(service: Shelf) -> None:
    stranger = service.client(COORDINATOR, "schwerin")
    auditor = service.client(AUDITOR)
    keeper = service.client()
    for client, path, content, status, code in (
        (stranger, BOXES, TOO_LARGE, 404, "not-found"),
        (keeper, "/v1/cities/nowhere/boxes", TOO_LARGE, 404, "not-found"),
        (keeper, "/v1/cities/Ros%2Ftock/boxes", TOO_LARGE, 404, "not-found"),
        (auditor, BOXES, TOO_LARGE, 413, "too-large"),
        (auditor, BOXES, BROKEN, 400, "broken-json"),
        (auditor, BOXES, ALIEN, 403, "role-not-enough"),
        (keeper, BOXES, ALIEN, 422, "invalid"),
    ):
        assert_problem(await client.post(path, content=content, headers=JSON), status, code)
    assert service.store.runs == 0


async def test_body_without_end_is_cut_at_the_limit_whatever_was_declared(service: Shelf) -> None:
    sent = 0

    async def too_long() -> AsyncIterator[bytes]:
        nonlocal sent
        for _ in range(100):  # six times the limit: enough to be caught, and a test that ends where it is not
            sent += 65_536
            yield b" " * 65_536
            await asyncio.sleep(0)

    assert_problem(await service.client().post(BOXES, content=too_long(), headers=JSON), 413, "too-large")
    assert sent <= 1024 * 1024 + 2 * 65_536
    sent, honest = 0, JSON | {"Content-Length": "6553600"}
    assert_problem(await service.client().post(BOXES, content=too_long(), headers=honest), 413, "too-large")
    assert sent <= 65_536
    lying = JSON | {"Content-Length": "10"}
    assert_problem(await service.client().post(BOXES, content=TOO_LARGE, headers=lying), 413, "too-large")


async def test_batch_may_have_four_times_as_much(service: Shelf) -> None:
    entries = [{"label": "x" * 1_000}] * 2_000
    answer = await service.client().post(f"{BOXES}/items:batch", json=entries)
    assert (answer.status_code, answer.json()) == (200, {"count": 4_000})
    answer = await service.client().post(f"{BOXES}/items:batch", json=entries * 3)
    assert_problem(answer, 413, "too-large")


@pytest.mark.parametrize(
    "raw",
    [
        b"[" * 100_000,
        b"[" * 100_000 + b"]" * 100_000,
        b'{"a":' * 500 + b"1" + b"}" * 500,
        b'{"count": ' + b"9" * 1_000_000 + b"}",
        b'{"count": 1e999}',
        b'{"count": NaN}',
        b'{"count": -Infinity}',
        b'{"label": "a", "label": "b"}',
        b'{"label": "\\ud800"}',
        b'{"label": "\xff"}',
        b'{"label": "a"} x',
        b"{'label': 1}",
        b"\xef\xbb\xbf{}",
    ],
)
async def test_odd_json_is_refused_quickly_and_is_no_fault_of_ours(service: Shelf, raw: bytes) -> None:
    client = service.client()
    began = time.perf_counter()
    answer = await client.post(BOXES, content=raw, headers=JSON)
    assert answer.status_code == 400
    assert time.perf_counter() - began < 0.5
    assert service.store.runs == 0


async def test_what_is_no_json_is_refused(service: Shelf) -> None:
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    for headers in (form, {"Content-Type": "text/plain"}, {"Content-Type": "application/jsonp"}, {}):
        answer = await service.client().post(BOXES, content=b'{"label": "a"}', headers=headers)
        assert_problem(answer, 415, "media-type")


async def test_denials_are_counted_and_audited_without_what_was_sent(service: Shelf) -> None:
    stranger, auditor = service.client(COORDINATOR, "schwerin", subject="sub-9"), service.client(AUDITOR)
    await stranger.get(BOXES)
    await auditor.post(BOXES, json={"label": "geheim"}, headers={"X-Correlation-Id": "corr-0001"})
    rows = [(city, actor.subject == "sub-9", entry) for city, actor, entry in service.store.notes]
    assert [(city, mine, e.action, e.object, e.outcome) for city, mine, e in rows] == [
        ("rostock", True, "city.enter", "not-found", "denied"),
        ("rostock", False, "boxes.keep", "role-not-enough", "denied"),
    ]
    assert service.store.notes[1][1].correlation == "corr-0001"
    assert "geheim" not in repr(service.store.notes)
    assert service.counted("tueroeffner_web_access_denied_total", code="role-not-enough") == 1


async def test_denial_is_audited_after_the_answer_has_left_so_that_it_takes_no_longer(service: Shelf) -> None:
    foreign = Box(new_id("box"), "a", carrier="verein-b")
    service.store.boxes[foreign.id] = foreign
    audited: list[int] = []

    async def watched(scope: Any, receive: Any, send: Any) -> None:
        async def leaving(message: Any) -> None:
            if message["type"] == "http.response.body":
                audited.append(len(service.store.notes))
            await send(message)

        await service.app(scope, receive, leaving)

    headers = {"Authorization": f"Bearer {service.tokens.token(COORDINATOR, 'rostock', carrier='verein-a')}"}
    transport = httpx.ASGITransport(watched)
    async with httpx.AsyncClient(transport=transport, base_url="http://service", headers=headers) as limited:
        await limited.get(f"{BOXES}/{foreign.id}")
        await limited.get("/v1/cities/schwerin/boxes")
    assert audited == [0, 1]
    assert len(service.store.notes) == 2


async def test_denial_stands_while_storage_is_away(service: Shelf, log_lines: StringIO) -> None:
    service.store.away = True
    assert_problem(await service.client(AUDITOR).post(BOXES, json={"label": "a"}), 403, "role-not-enough")
    assert "denial-not-audited" in log_lines.getvalue()
    answer = await service.client().post(BOXES, json={"label": "a"})
    assert_problem(answer, 503, "storage-away")
    assert answer.headers["retry-after"] == "1"


async def test_what_belongs_to_somebody_else_looks_like_what_is_not_there(service: Shelf) -> None:
    box = Box(new_id("box"), "a", carrier="verein-b")
    service.store.boxes[box.id] = box
    limited = service.client(carrier="verein-a")
    answers = [
        await limited.get(f"{BOXES}/{box.id}"),
        await limited.get(f"{BOXES}/{new_id('box')}"),
        await limited.get(f"{BOXES}/{'x' * 30}"),
        await service.client(city="schwerin").get(f"{BOXES}/{box.id}"),
        await service.client().get(f"/v1/cities/nowhere/boxes/{box.id}"),
        await service.client().get("/v1/cities/rostock/unknown"),
    ]
    contents = [answer.json() | {"correlation_id": ""} for answer in answers]
    assert contents == [contents[0]] * len(answers)
    assert {answer.status_code for answer in answers} == {404}
    assert (await service.client(CITY).get(f"{BOXES}/{box.id}")).status_code == 200


async def test_fault_of_ours_is_a_problem_that_tells_nothing(service: Shelf, log_lines: StringIO) -> None:
    answer = await service.client().post(f"{BOXES}/box_1:break")
    content = assert_problem(answer, 500, "internal")
    (line,) = [json.loads(one) for one in log_lines.getvalue().splitlines() if "request-failed" in one]
    assert (line["error"], line["correlation"]) == ("RuntimeError", content["correlation_id"])
    assert any("break_box" in place for place in line["trace"])
    assert "secret" not in answer.text + log_lines.getvalue()
    stale = await service.client().post(f"{BOXES}/stale:break")
    assert_problem(stale, 503, "consents-stale")
    assert stale.headers["retry-after"] == "1"


async def test_every_answer_has_the_security_headers_and_a_correlation_id(service: Shelf) -> None:
    keeper = service.client()
    answers = [
        await service.bare().get(BOXES),
        await service.bare().get("/health/live"),
        await service.bare().get("/docs"),
        await service.client(COORDINATOR, "schwerin").get(BOXES),
        await keeper.get(BOXES),
        await keeper.post(BOXES, json={"label": "a"}),
        await keeper.post(BOXES, content=BROKEN, headers=JSON),
        await keeper.post(BOXES, content=TOO_LARGE, headers=JSON),
        await keeper.post(f"{BOXES}/x:break"),
        await keeper.put(BOXES, json={}),
        await keeper.get("/v1/unknown"),
    ]
    assert [answer.status_code for answer in answers] == [401, 200, 200, 404, 200, 201, 400, 413, 500, 405, 404]
    for answer in answers:
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "no-store"
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["x-correlation-id"]


async def test_correlation_id_is_kept_where_it_is_one_and_made_where_not(service: Shelf) -> None:
    for given, kept in (("corr-12345", True), ("short", False), ("x" * 65, False), ("a b c d e f", False)):
        answer = await service.bare({"X-Correlation-Id": given}).get("/version")
        assert (answer.headers["x-correlation-id"] == given) is kept


async def test_measures_name_the_route_and_never_the_path(service: Shelf) -> None:
    box = new_id("box")
    await service.client().get(f"{BOXES}/{box}")
    await service.client().get(f"/v1/{box}")
    route = {"method": "GET", "route": "/v1/cities/{city}/boxes/{box_id}", "status": "4xx", "city": "rostock"}
    assert service.counted("tueroeffner_web_requests_total", **route) == 1
    assert service.counted("tueroeffner_web_request_duration_seconds_count", **route) == 1
    figures = (await service.bare().get("/metrics")).text
    assert 'route="(no route)"' in figures
    assert box not in figures


async def test_mentor_has_no_way_in_by_a_role_that_no_route_names(service: Shelf) -> None:
    mentor = service.client(MENTOR, person=new_id("per"))
    assert_problem(await mentor.get(BOXES), 403, "role-not-enough")


@pytest.mark.parametrize("field", ["city", "role", "version", "_id", "status", "actions", "$where"])
async def test_field_that_is_not_offered_is_refused(service: Shelf, field: str) -> None:
    answer = await service.client().post(BOXES, json={"label": "a", field: "x"})
    content = assert_problem(answer, 422, "invalid")
    assert content["errors"] == [{"pointer": f"/{field}", "code": "unknown-field"}]


async def test_parameter_that_comes_twice_is_refused(service: Shelf) -> None:
    answer = await service.client().get(f"{BOXES}?limit=5&limit=6")
    assert assert_problem(answer, 422, "invalid")["errors"] == [
        {"parameter": "limit", "code": "given-twice", "expected": "one value"}
    ]


@pytest.mark.parametrize(
    ("day", "status"), [("1899-12-31", 422), ("1900-01-01", 201), ("2100-12-31", 201), ("9999-12-31", 422)]
)
async def test_day_outside_of_lives_is_a_slip(service: Shelf, day: str, status: int) -> None:
    answer = await service.client().post(BOXES, json={"label": "a", "made": day})
    assert answer.status_code == status
    if status == 422:
        expected = "YYYY-MM-DD, 1900-01-01 … 2100-12-31"
        assert answer.json()["errors"] == [{"pointer": "/made", "code": "wrong-form", "expected": expected}]


async def test_parameter_that_is_not_offered_is_refused_on_every_kind_of_route(service: Shelf) -> None:
    keeper, secret = service.client(), {"lable": "Frau Vertraulich", "x" * 90: "1"}
    box = Box(new_id("box"), "a")
    service.store.boxes[box.id] = box
    listed = await keeper.get(BOXES, params={"limit": 5, **secret})
    assert assert_problem(listed, 422, "invalid")["errors"] == [
        {"parameter": name, "code": "unknown-parameter", "expected": "cursor, label, limit"}
        for name in ("lable", "x" * 40)
    ]
    assert "Vertraulich" not in listed.text
    for answer in (
        await keeper.get(f"{BOXES}/{box.id}", params=secret),
        await keeper.post(BOXES, params=secret, json={"label": "a"}),
        await keeper.patch(f"{BOXES}/{box.id}", params=secret, json={"label": "b"}, headers={"If-Match": '"1"'}),
    ):
        assert assert_problem(answer, 422, "invalid")["errors"][0]["expected"] == "no parameters"
    assert service.store.runs == 0
    assert_problem(await service.client(MENTOR, person=new_id("per")).get(BOXES, params=secret), 403, "role-not-enough")


async def test_findings_name_places_and_never_values(service: Shelf) -> None:
    raw = {"label": {"$ne": None}, "site": "Frau Vertraulich", "made": "2026-02-30", "count": "5", "a/b" * 30: 1}
    answer = await service.client().post(BOXES, content=json.dumps(raw), headers=JSON)
    errors = {entry["pointer"]: entry["code"] for entry in assert_problem(answer, 422, "invalid")["errors"]}
    assert errors["/label"] == errors["/count"] == "wrong-type"
    assert errors["/site"] == errors["/made"] == "wrong-form"
    assert max(len(pointer) for pointer in errors) < 80
    for secret in ("Vertraulich", "2026-02-30", "$ne"):
        assert secret not in answer.text
