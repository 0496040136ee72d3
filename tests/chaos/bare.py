"""``python -m tests.chaos.bare {relay,consumer} …``: one loop as a process, so that it can be killed alone."""

import argparse
import asyncio
import os
import signal
import sys
from pathlib import Path

from deploy.local.processes import Component
from shared.messaging.kafka import TopicSettings
from tests.chaos.floor import FewTopics, Floor, consumer_of, relay_of, store_of, tallies


def process(floor: Floor, role: str, name: str, folder: Path) -> Component:
    """A relay of the floor's teller, or a consumer of its listener; not started."""
    store = floor.teller if role == "relay" else floor.listener
    where = ["--service", store.service, "--mongo", floor.mongo_url, "--kafka", floor.kafka.bootstrap]
    what = ["--prefix", floor.kafka.prefix, "--name", name]
    command = [sys.executable, "-m", "tests.chaos.bare", role, *where, *what]
    return Component(name, command, folder / f"{role}-{name}.log", lambda: True, dict(os.environ))


async def _main(arguments: argparse.Namespace) -> None:
    store = store_of(arguments.mongo, arguments.service, f"{arguments.service}-{arguments.name}")
    await store.mongo.end_left_behind()
    kafka = FewTopics(arguments.kafka, arguments.name, arguments.prefix)
    asked = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, asked.set)
    if arguments.role == "relay":
        relay = relay_of(store, kafka, TopicSettings(), arguments.name)
        tasks = [asyncio.create_task(relay.run()), asyncio.create_task(relay.watch())]
    else:
        tasks = [asyncio.create_task(consumer_of(store, kafka, tallies(), arguments.name).run())]
    await asyncio.wait([asyncio.create_task(asked.wait()), *tasks], return_when=asyncio.FIRST_COMPLETED)
    for task in tasks:
        task.cancel()
    ends = await asyncio.gather(*tasks, return_exceptions=True)
    for end in ends:
        if not isinstance(end, asyncio.CancelledError):
            raise RuntimeError(f"the {arguments.role} ended by itself") from end


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("role", choices=["relay", "consumer"])
    for option in ("service", "mongo", "kafka", "prefix", "name"):
        parser.add_argument(f"--{option}", required=True)
    asyncio.run(_main(parser.parse_args()))
