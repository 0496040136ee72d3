"""``tueroeffner rebuild`` asks, waits and tells; whoever runs the service does the work."""

import asyncio
import json

import pytest
from typer.testing import CliRunner

from deploy.local import Stack
from services.cli import app
from services.visits.projections import PROJECTIONS
from services.visits.store import LAYOUT
from shared.messaging.kafka import Kafka
from shared.messaging.rebuilds import Rebuilds
from shared.storage.leases import Leases
from shared.storage.mongo import Mongo
from shared.storage.store import Store
from tests.integration.messaging_parts import consumer_of, running


@pytest.fixture(scope="module")
def settings(stack: Stack, master_key: bytes, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    secrets = tmp_path_factory.mktemp("rebuild-secrets")
    (secrets / "master").write_bytes(master_key)
    (secrets / "jwks").write_text('{"keys": []}')
    named = {"MONGO_URL": stack.mongo_url, "KAFKA": stack.kafka, "ISSUER": "https://login.example.org"}
    named |= {"MASTER_KEY_FILE": str(secrets / "master"), "JWKS_FILE": str(secrets / "jwks")}
    return {f"TUEROEFFNER_{name}": value for name, value in named.items()}


async def test_projection_is_rebuilt_by_the_running_service(
    settings: dict[str, str], visits_mongo: Mongo, master_key: bytes, kafka: Kafka
) -> None:
    store = Store(visits_mongo, master_key, LAYOUT)
    rebuilds = asyncio.create_task(Rebuilds(store, kafka, Leases(visits_mongo, "cli"), PROJECTIONS).run())
    command = ["rebuild", "visits", "--projection", PROJECTIONS[0].collection, "--json"]
    async with running(consumer_of(store, kafka, list(PROJECTIONS))):
        told = await asyncio.to_thread(CliRunner().invoke, app, command, env=settings)
    rebuilds.cancel()
    await asyncio.gather(rebuilds, return_exceptions=True)
    assert told.exit_code == 0, told.output
    # The service runs in this process as well, and its log lines stand before the answer.
    [state] = json.loads(told.stdout.splitlines()[-1])
    assert (state["collection"], state["state"], state["error"]) == (PROJECTIONS[0].collection, "done", "")


def test_unknown_projection_is_refused_with_those_that_there_are(settings: dict[str, str]) -> None:
    told = CliRunner().invoke(app, ["rebuild", "visits", "--projection", "nothing"], env=settings)
    assert told.exit_code == 2
    assert PROJECTIONS[1].collection in told.stderr
