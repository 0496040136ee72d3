"""Changes and lists as a caller meets them: repeats, versions, pages."""

import base64
from typing import Any

import pytest

from shared.kernel.ids import new_id
from shared.security.principals import AUDITOR, CITY, COORDINATOR, Grant
from shared.testing.tokens import TestTokens
from shared.web.cursors import read_cursor, write_cursor
from shared.web.problems import WireRefusal
from tests.unit.web.parts import Box, Shelf, shelf

BOXES = "/v1/cities/rostock/boxes"
KEY = {"Idempotency-Key": "key-00001"}


def fill(service: Shelf, count: int) -> list[str]:
    ids = sorted(new_id("box") for _ in range(count))
    service.store.boxes.update({key: Box(key, "even" if n % 2 == 0 else "odd") for n, key in enumerate(ids)})
    return ids


async def test_repeat_is_answered_from_its_record_and_runs_nothing(service: Shelf) -> None:
    keeper = service.client()
    first = await keeper.post(BOXES, json={"label": "a", "count": 2}, headers=KEY)
    again = await keeper.post(BOXES, json={"count": 2, "label": "a"}, headers=KEY)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.headers["location"] == f"{BOXES}/{first.json()['id']}"
    assert "idempotent-replayed" not in first.headers
    assert again.headers["idempotent-replayed"] == "true"
    assert again.json() == {"id": first.json()["id"], "version": 1}
    assert again.headers["etag"] == first.headers["etag"] == '"1"'
    assert (service.store.runs, len(service.store.boxes)) == (1, 1)
    assert service.counted("tueroeffner_web_replays_total") == 1


async def test_key_with_another_body_is_refused(service: Shelf) -> None:
    keeper = service.client()
    await keeper.post(BOXES, json={"label": "a"}, headers=KEY)
    answer = await keeper.post(BOXES, json={"label": "b"}, headers=KEY)
    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency-key-reused")
    assert service.store.runs == 1


async def test_key_of_another_caller_city_or_route_is_another_key(service: Shelf) -> None:
    await service.client().post(BOXES, json={"label": "a"}, headers=KEY)
    others = [
        await service.client().post(BOXES, json={"label": "a"}, headers=KEY),
        await service.client(COORDINATOR, "schwerin").post(
            "/v1/cities/schwerin/boxes", json={"label": "a"}, headers=KEY
        ),
    ]
    assert all("idempotent-replayed" not in answer.headers for answer in others)
    assert service.store.runs == 3
    assert len(service.store.records) == 3


async def test_refused_request_leaves_no_record(service: Shelf) -> None:
    keeper = service.client()
    for _ in range(2):
        answer = await keeper.post(BOXES, json={"label": "taken"}, headers=KEY)
        assert (answer.status_code, answer.json()["code"]) == (409, "already-exists")
    assert service.store.records == {}


@pytest.mark.parametrize("key", ["short", "x" * 65, "with space", "ümlaut-key"])
async def test_malformed_key_is_refused(service: Shelf, key: str) -> None:
    headers = {"Idempotency-Key": key.encode("latin-1")}
    answer = await service.client().post(BOXES, json={"label": "a"}, headers=headers)  # type: ignore[arg-type]
    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency-key-form")


async def test_change_needs_the_version_that_was_seen(service: Shelf) -> None:
    (box,) = fill(service, 1)
    keeper, path = service.client(), f"{BOXES}/{box}"
    seen = await keeper.get(path)
    assert seen.headers["etag"] == '"1"'
    changed = {"label": "new"}
    missing = await keeper.patch(path, json=changed)
    assert (missing.status_code, missing.json()["code"]) == (428, "version-needed")
    done = await keeper.patch(path, json=changed, headers={"If-Match": seen.headers["etag"]})
    assert (done.status_code, done.headers["etag"], done.json()["version"]) == (200, '"2"', 2)
    lost = await keeper.patch(path, json=changed, headers={"If-Match": seen.headers["etag"]})
    assert (lost.status_code, lost.json()["code"], lost.headers["etag"]) == (412, "version-lost", '"2"')
    assert lost.json()["params"] == {"version": 2}


async def test_act_on_a_version_needs_it_and_no_route_asks_for_one_that_openapi_does_not_tell(service: Shelf) -> None:
    (box,) = fill(service, 1)
    keeper = service.client()
    for headers, status in (({}, 428), ({"If-Match": '"2"'}, 412), ({"If-Match": '"1"'}, 200)):
        assert (await keeper.post(f"{BOXES}/{box}:empty", headers=headers)).status_code == status
    assert (await keeper.post(f"{BOXES}/{box}:forget", headers={"If-Match": '"1"'})).status_code == 500


async def test_actions_are_those_that_the_caller_s_grants_allow_on_this_very_thing(service: Shelf) -> None:
    (box,) = fill(service, 1)
    seen = {
        "coordinator of its carrier": service.client(carrier="verein-a"),
        "auditor": service.client(AUDITOR),
        "auditor, and coordinator of another carrier": service.two(
            Grant(AUDITOR, "rostock"), Grant(COORDINATOR, "rostock", carrier="verein-b")
        ),
        "auditor, and coordinator of another city": service.two(
            Grant(AUDITOR, "rostock"), Grant(COORDINATOR, "schwerin")
        ),
    }
    actions = {who: (await client.get(f"{BOXES}/{box}")).json()["actions"] for who, client in seen.items()}
    assert actions == {who: ["relabel"] if who.endswith("its carrier") else [] for who in seen}
    for who, client in seen.items():
        answer = await client.post(f"{BOXES}/{box}:empty", headers={"If-Match": '"1"'})
        assert (answer.status_code == 200) == bool(actions[who]), who


@pytest.mark.parametrize("value", ["1", 'W/"1"', "*", '"1", "2"', '"01"', '"-1"', '"x"', '"1e3"', ""])
async def test_other_forms_of_if_match_are_refused(service: Shelf, value: str) -> None:
    (box,) = fill(service, 1)
    answer = await service.client().patch(f"{BOXES}/{box}", json={"label": "new"}, headers={"If-Match": value})
    assert (answer.status_code, answer.json()["code"]) == (400, "if-match-form")
    assert service.store.boxes[box].version == 1


async def test_pages_follow_each_other_without_gap_or_double(service: Shelf) -> None:
    ids, keeper = fill(service, 7), service.client()
    found: list[str] = []
    answer = await keeper.get(BOXES, params={"limit": 3})
    while True:
        content = answer.json()
        found += [item["id"] for item in content["items"]]
        if content["next"] is None:
            assert "link" not in answer.headers
            break
        link = answer.headers["link"]
        assert link.endswith('; rel="next"')
        answer = await keeper.get(link[1 : link.index(">")])
        assert answer.status_code == 200
    assert found == ids


async def test_cursor_of_another_filter_city_or_list_is_refused(service: Shelf, tokens: TestTokens) -> None:
    fill(service, 7)
    keeper = service.client()
    cursor = (await keeper.get(BOXES, params={"limit": 2, "label": "even"})).json()["next"]
    same = await keeper.get(BOXES, params={"limit": 1, "label": "even", "cursor": cursor})
    assert same.status_code == 200
    elsewhere = service.client(COORDINATOR, "schwerin")
    for answer in (
        await keeper.get(BOXES, params={"limit": 2, "cursor": cursor}),
        await keeper.get(BOXES, params={"limit": 2, "label": "odd", "cursor": cursor}),
        await elsewhere.get("/v1/cities/schwerin/boxes", params={"label": "even", "cursor": cursor}),
    ):
        assert (answer.status_code, answer.json()["code"]) == (400, "cursor-form")


async def test_forged_and_cut_cursors_are_refused(service: Shelf) -> None:
    fill(service, 3)
    keeper = service.client()
    cursor = (await keeper.get(BOXES, params={"limit": 1})).json()["next"]
    raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    forged = [raw[:position] + bytes([raw[position] ^ 1]) + raw[position + 1 :] for position in range(len(raw))]
    forged += [raw[:-1], raw[1:], raw[:16], b"", raw + b"x", b"\0" * 16 + raw[16:]]
    texts = [base64.urlsafe_b64encode(one).decode().rstrip("=") for one in forged] + ["ü", "%00", "x", "null"]
    for text in texts:
        answer = await keeper.get(BOXES, params={"limit": 1, "cursor": text})
        assert (answer.status_code, answer.json()["code"]) == (400, "cursor-form"), text
    too_long = await keeper.get(BOXES, params={"cursor": "x" * 1_001})
    assert too_long.status_code == 422


def test_cursor_hides_nothing_but_is_bound_to_key_city_and_filter() -> None:
    cursor = write_cursor(b"k" * 32, "rostock", "asked", "box_1")
    assert read_cursor(b"k" * 32, "rostock", "asked", cursor) == "box_1"
    places: list[tuple[bytes, str, str]] = [(b"l" * 32, "rostock", "asked"), (b"k" * 32, "schwerin", "asked")]
    for key, city, asked in [*places, (b"k" * 32, "rostock", "other")]:
        with pytest.raises(WireRefusal) as caught:
            read_cursor(key, city, asked, cursor)
        assert caught.value.status == 400


@pytest.mark.parametrize(("name", "value"), [("limit", "0"), ("limit", "201"), ("limit", "x")])
async def test_odd_parameter_is_named(service: Shelf, name: str, value: str) -> None:
    answer = await service.client().get(BOXES, params={name: value})
    assert answer.status_code == 422
    assert [entry["parameter"] for entry in answer.json()["errors"]] == [name]


async def test_audit_names_the_weakest_role_that_allowed_it(tokens: TestTokens) -> None:
    service = shelf(tokens)
    acted: list[Any] = []
    plain = service.store.transact

    async def spy(city: str, actor: Any, body: Any, once: Any = None) -> Any:
        acted.append((city, actor.role, actor.subject))
        return await plain(city, actor, body, once)

    service.app.state.store = _Spied(service.store, spy)
    await service.client(CITY, subject="sub-city").post(BOXES, json={"label": "a"})
    assert acted == [("rostock", "city", "sub-city")]


class _Spied:
    """A store whose transactions are watched."""

    def __init__(self, store: Any, transact: Any) -> None:
        self._store = store
        self.transact = transact

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)
