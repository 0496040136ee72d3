"""A service is killed, as by a power cut, while changes stream in: nothing is lost, invented or done twice."""

from time import monotonic

import pytest

from tests.chaos.conftest import SEED, WRITES
from tests.chaos.load import streaming
from tests.chaos.scene import THERE, Scene

KILLS = 2 if WRITES <= 1_000 else 6
LONGEST_SILENCE = 3.0
"""With the start of the process in it."""
SHORT = "visits"


@pytest.mark.parametrize(
    "service", [pytest.param(name, marks=[] if name == SHORT else pytest.mark.long) for name in THERE]
)
async def test_nothing_is_lost_or_doubled_when_a_service_is_killed(scene: Scene, service: str) -> None:
    writes = service if scene.history.acknowledged(service) else "visits"
    async with streaming(scene.town, SEED + THERE.index(service)) as load:
        for _ in range(KILLS):
            await scene.more("visits", load.rng.randrange(40, 90))
            with scene.run.fault(f"kill -9 {service}"):
                scene.deployment.components[service].kill()
                killed = monotonic()
                await scene.restart(service)
            ready = monotonic() - killed
            await scene.more(writes, 5)
            silent = scene.history.silence(writes, killed)
            scene.run.hold(
                f"kill -9 {service}: ready after {ready:.1f} s, {writes} silent for", silent, LONGEST_SILENCE
            )
        await scene.enough(WRITES)
    await scene.settle()
