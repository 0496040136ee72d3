"""A service is killed, as by a power cut, while changes stream in: nothing is lost, invented or done twice."""

from time import monotonic

import pytest

from tests.chaos.conftest import THERE, Scene
from tests.chaos.load import streaming

KILLS = 2
AFTER_READY = 5.0
"""How long a service that is ready may still be silent; how long a process takes to start is the machine's."""


@pytest.mark.parametrize("service", THERE)
async def test_nothing_is_lost_or_doubled_when_a_service_is_killed(scene: Scene, service: str) -> None:
    writes = service if scene.history.acknowledged(service) else "visits"
    async with streaming(scene.town, seed=THERE.index(service)) as load:
        for _ in range(KILLS):
            await scene.more("visits", load.rng.randrange(40, 90))
            scene.deployment.components[service].kill()
            killed = monotonic()
            await scene.restart(service)
            ready = monotonic() - killed
            await scene.more(writes, 5)
            served = scene.history.silence(writes, killed)
            assert served < ready + AFTER_READY
            scene.measured.append(f"kill -9 {service}: ready after {ready:.1f} s, {writes} silent for {served:.1f} s")
        await scene.more("visits", 40)
    stopped = monotonic()
    await scene.settle()
    scene.measured.append(f"kill -9 {service}: at rest {monotonic() - stopped:.1f} s after the last change")
