"""A service that waits for servers which never come can be ended politely."""

from functools import partial
from pathlib import Path

from deploy.local.ports import free_port
from deploy.services import Deployment
from shared.testing.waiting import eventually


async def test_service_that_waits_for_its_servers_ends_when_it_is_asked_to(tmp_path: Path) -> None:
    nowhere = f"127.0.0.1:{free_port()}"
    deployment = Deployment(tmp_path, f"mongodb://{nowhere}/?replicaSet=none", nowhere)
    deployment.make_keys()
    visits = deployment.launch("visits")
    try:
        await eventually(partial(_waits, tmp_path / "visits.log"), within=60)
        visits.terminate()
        await eventually(lambda: visits.exit_code is not None, within=10)
    finally:
        deployment.stop()
    assert visits.exit_code == 0, visits.log_tail()


def _waits(log: Path) -> bool:
    return "waiting-for-servers" in log.read_text()
