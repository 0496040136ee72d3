"""The HTTP floor on a real MongoDB: what a store in memory cannot prove."""

import asyncio
from pathlib import Path
from typing import Annotated, Any

import pytest
from fastapi import APIRouter
from starlette.responses import Response

from deploy.local import Stack
from shared.kernel.ids import new_id
from shared.runtime.service import Service
from shared.security.grants import permission
from shared.security.principals import AUDITOR, COORDINATOR
from shared.storage.store import Layout
from shared.storage.work import Work
from shared.web.bodies import Body, Name, View, id_of
from shared.web.desk import Desk, needs
from tests.integration.api_parts import Api, api_for

CITY = "flurstadt"
BOXES = f"/v1/cities/{CITY}/boxes"
KEEP = permission("boxes.keep", COORDINATOR)
BoxId = Annotated[str, id_of("box")]
router = APIRouter(prefix="/v1/cities/{city}/boxes")


class BoxBody(Body):
    """A new box."""

    label: Name


class BoxView(View):
    """A box; with what a repository wants of one."""


@router.post("", dependencies=[needs(KEEP)], status_code=201)
async def keep_box(body: BoxBody, desk: Desk) -> Response:
    async def run(work: Work) -> BoxView:
        box = BoxView(id=work.new_id("box"), version=1)
        await work.insert("boxes", {"_id": box.id, "version": 1, "label": body.label})
        work.note("box.kept", box.id)
        return box

    return await desk.commit(run, view=lambda box: box)


@router.post("/{box_id}:relabel", dependencies=[needs(KEEP, if_match=True)])
async def relabel_box(box_id: BoxId, body: BoxBody, desk: Desk) -> Response:
    expected = desk.expected_version()

    async def run(work: Work) -> BoxView:
        document: dict[str, Any] = {"_id": box_id, "version": expected + 1, "label": body.label}
        await work.put("boxes", document, expected)
        return BoxView(id=box_id, version=expected + 1)

    return await desk.commit(run, view=lambda box: box, status=200)


SERVICE = Service(name="visits", title="Regal", layout=Layout({"boxes": ()}), routers=(router,))


@pytest.fixture(scope="module")
async def api(stack: Stack, master_key: bytes, tmp_path_factory: pytest.TempPathFactory) -> Api:
    made = await api_for(SERVICE, stack.mongo_url, master_key, tmp_path_factory.mktemp("issuer"))
    await made.store.serve_city(CITY)
    return made


async def test_hundred_repeats_at_once_have_one_effect(api: Api) -> None:
    headers = {"Idempotency-Key": "hundred-0001"}
    async with api.client(COORDINATOR, CITY, subject="sub-1") as keeper:
        answers = await asyncio.gather(
            *(keeper.post(BOXES, json={"label": "hundred"}, headers=headers) for _ in range(100))
        )
        again = await keeper.post(BOXES, json={"label": "hundred"}, headers=headers)
    assert await api.store.reader(CITY).count("boxes", {"label": "hundred"}) == 1
    done = [answer for answer in answers if answer.status_code == 201]
    busy = [answer for answer in answers if answer.status_code != 201]
    assert {answer.json()["id"] for answer in done} == {again.json()["id"]}
    assert sum("idempotent-replayed" not in answer.headers for answer in done) == 1
    assert {(answer.status_code, answer.json()["code"]) for answer in busy} <= {(409, "in-progress")}
    assert all(answer.headers["retry-after"] == "1" for answer in busy)


async def test_fifty_changes_of_one_version_let_one_win(api: Api) -> None:
    async with api.client(COORDINATOR, CITY) as keeper:
        box = (await keeper.post(BOXES, json={"label": "fifty"})).json()["id"]
        answers = await asyncio.gather(
            *(
                keeper.post(f"{BOXES}/{box}:relabel", json={"label": f"n{n}"}, headers={"If-Match": '"1"'})
                for n in range(50)
            )
        )
    statuses = sorted(answer.status_code for answer in answers)
    assert statuses == [200] + [412] * 49
    assert {answer.headers["etag"] for answer in answers} == {'"2"'}


async def test_denials_stand_in_the_city_s_audit(api: Api) -> None:
    async with api.client(AUDITOR, CITY, subject="sub-curious") as auditor:
        assert (await auditor.post(BOXES, json={"label": "x"})).status_code == 403
    async with api.client(COORDINATOR, "anderswo", subject="sub-stranger") as stranger:
        assert (await stranger.post(BOXES, json={"label": "x"})).status_code == 404
        assert (await stranger.post("/v1/cities/anderswo/boxes", json={"label": "x"})).status_code == 404
    rows = await api.store.mongo.city(CITY)["audit"].find({"outcome": "denied"}).sort("counter").to_list(None)
    assert [(row["actor"], row["action"], row["object"]) for row in rows] == [
        ("sub-curious", "boxes.keep", "role-not-enough"),
        ("sub-stranger", "city.enter", "not-found"),
    ]
    assert "visits_anderswo" not in await api.store.mongo.client.list_database_names()


async def test_repeat_of_a_key_in_another_process_is_known(
    api: Api, stack: Stack, master_key: bytes, tmp_path: Path
) -> None:
    headers = {"Idempotency-Key": f"key-{new_id('box')}"}
    other = await api_for(SERVICE, stack.mongo_url, master_key, tmp_path)
    async with api.client(COORDINATOR, CITY, subject="sub-2") as one:
        first = await one.post(BOXES, json={"label": "two"}, headers=headers)
    async with other.client(COORDINATOR, CITY, subject="sub-2") as two:
        second = await two.post(BOXES, json={"label": "two"}, headers=headers)
    assert second.json() == {"id": first.json()["id"], "version": 1}
    other.store.mongo.close()
