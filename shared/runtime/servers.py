"""The servers that a service needs. They may be starting at this moment as well, so it waits for them for a while."""

import asyncio
from typing import Final

import structlog

from shared.messaging.kafka import Kafka, KafkaFault
from shared.messaging.topics import TopicSettings
from shared.storage.mongo import Mongo, MongoFault

PATIENCE: Final = 30.0
_PAUSE: Final = 0.1

log = structlog.get_logger(__name__)


class TopicsUnfit(RuntimeError):
    """Topics are missing, or not as they must be; the text names them and what to do."""


async def require_servers(mongo: Mongo, kafka: Kafka, topics: TopicSettings, within: float = PATIENCE) -> None:
    """Returns when MongoDB and Kafka answer and are as they must be.

    After ``within`` seconds it raises what is still wrong: ``MongoFault``, ``KafkaFault``, ``OSError`` or
    ``TopicsUnfit``. A MongoDB that would not keep what we promise raises ``UnsafeServer`` at once.
    """
    loop = asyncio.get_running_loop()
    deadline, told = loop.time() + within, ""
    while True:
        try:
            await mongo.check_server()
            faults = await kafka.topic_faults(topics)
            if not faults:
                return
            raise TopicsUnfit("run `tueroeffner topics apply`: " + "; ".join(faults))
        except (MongoFault, KafkaFault, OSError, TopicsUnfit) as fault:
            if loop.time() >= deadline:
                raise
            if told != type(fault).__name__:
                told = type(fault).__name__
                log.warning("waiting-for-servers", error=told)
        await asyncio.sleep(_PAUSE)
