"""Batches of visits over HTTP, and the bare insert of the same documents."""

import time
from typing import Any, Final

import httpx

from deploy.bench.bare import DATABASE, bare_client
from deploy.bench.visits_scene import CITY, VisitsScene
from services.visits.store import VISITS
from shared.kernel.ids import new_id

_ANSWERS: Final = 60.0


async def log_batches(scene: VisitsScene, size: int, seconds: float) -> float:
    """Visits a second, so many a request. Raises ``RuntimeError`` where one of them was not stored."""
    person = scene.senders[0][0]
    tandems = [tandem for other, tandem in scene.senders if other == person]
    url = f"{scene.deployment.url('visits')}/v1/cities/{CITY}/visits:batch"
    headers = {"Authorization": f"Bearer {scene.token(person)}"}
    stored, began = 0, time.perf_counter()
    async with httpx.AsyncClient(timeout=_ANSWERS, headers=headers) as client:
        while time.perf_counter() - began < seconds:
            entries = [scene.entry(tandems[n % len(tandems)], new_id("vis")) for n in range(size)]
            answer = await client.post(url, json=entries)
            if answer.status_code != 200 or {one["answer"] for one in answer.json()["entries"]} != {"stored"}:
                raise RuntimeError(f"a batch was answered {answer.status_code} {answer.text[:500]}")
            stored += size
    return stored / (time.perf_counter() - began)


async def insert_batches(scene: VisitsScene, size: int, seconds: float) -> float:
    """Documents a second, so many a statement: what the service has stored of such visits, under other ids."""
    rows = scene.mongo.city(CITY)[VISITS.collection].find({}).limit(size)
    documents: list[dict[str, Any]] = await rows.to_list(None)
    # A quick try may have stored fewer so far.
    documents = (documents * size)[:size]
    client = bare_client(scene.deployment.mongo_url)
    visits = client[DATABASE]["visits"]
    inserted, began = 0, time.perf_counter()
    while time.perf_counter() - began < seconds:
        await visits.insert_many([{**document, "_id": new_id("vis")} for document in documents])
        inserted += size
    took = time.perf_counter() - began
    client.close()
    return inserted / took
