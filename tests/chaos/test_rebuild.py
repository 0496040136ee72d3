"""Every projection is dropped and read anew from the log: the same, byte for byte in its canonical form."""

import asyncio
import os
import subprocess
import sys
from time import monotonic

from shared.kernel.canonical import content_hash
from shared.messaging.projection import Mirror
from tests.chaos.conftest import SEED, WRITES
from tests.chaos.load import streaming
from tests.chaos.scene import THERE, Scene


async def test_every_projection_read_anew_from_the_log_is_the_same(scene: Scene) -> None:
    async with streaming(scene.town, SEED + 5, visitors=20, pace=0):
        await scene.enough(WRITES)
    await scene.settle()
    before = await _projections(scene)
    assert len(before) > len(THERE)
    with scene.run.fault("all projections dropped"):
        for name in THERE:
            await asyncio.to_thread(scene.deployment.components[name].stop)
        await asyncio.gather(*(asyncio.to_thread(_dropped, scene, name) for name in THERE))
        assert set((await _projections(scene)).values()) == {content_hash([])}
        began = monotonic()
        for name in THERE:
            scene.deployment.launch(name)
        for name in THERE:
            await asyncio.to_thread(scene.deployment.components[name].wait_until_ready)
    await scene.settle()
    after = await _projections(scene)
    assert {name for name in before if before[name] != after[name]} == set()
    scene.run.note(f"{len(before)} projections read anew: equal, {monotonic() - began:.1f} s after the start")


async def _projections(scene: Scene) -> dict[str, str]:
    """The hash of the canonical form of each projection of the town that has anything in it, or had."""
    found: dict[str, str] = {}
    for service, projections in scene.checker.projections.items():
        for projection in projections:
            if isinstance(projection, Mirror):
                collection = scene.checker.mongos[service].city(scene.town.city)[projection.collection]
                rows = await collection.find({}).sort("_id", 1).to_list(None)
                found[f"{service}.{projection.collection}"] = content_hash(rows)
    return found


def _dropped(scene: Scene, service: str) -> None:
    environment = {**os.environ, **scene.deployment.environment(service)}
    subprocess.run([sys.executable, "-m", f"services.{service}", "rebuild"], env=environment, check=True)
