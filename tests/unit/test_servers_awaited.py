"""A service waits for servers that are starting, but not for unsafe ones; in the end it says what is missing."""

from dataclasses import dataclass, field
from typing import Any

import pytest

from shared.messaging.kafka import KafkaFault
from shared.messaging.topics import TopicSettings
from shared.runtime import servers
from shared.runtime.servers import TopicsUnfit, require_servers
from shared.storage.mongo import MongoFault, UnsafeServer


@dataclass(slots=True)
class Servers:
    """Both servers; each answer is given once, the last one again and again. A fault is raised."""

    answers: list[Any]
    asked: int = field(default=0)

    async def check_server(self) -> None:
        return None

    async def topic_faults(self, _: TopicSettings) -> list[str]:
        self.asked += 1
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, BaseException):
            raise answer
        return list(answer)


@dataclass(slots=True)
class Mongo(Servers):
    """MongoDB's part of the answers."""

    async def check_server(self) -> None:
        await self.topic_faults(TopicSettings())


async def required(mongo: Any, kafka: Any, within: float) -> None:
    await require_servers(mongo, kafka, TopicSettings(), within)


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(servers, "_PAUSE", 0.001)


async def test_it_goes_on_as_soon_as_all_of_them_are_there() -> None:
    mongo, kafka = Mongo([MongoFault("starting"), []]), Servers([KafkaFault(), OSError(), ["a: missing"], []])
    await required(mongo, kafka, within=60)
    assert (mongo.asked, kafka.asked) == (5, 4)


@pytest.mark.parametrize(
    ("mongo", "kafka", "fault"),
    [
        ([MongoFault("gone")], [[]], MongoFault),
        ([[]], [KafkaFault()], KafkaFault),
        ([[]], [["a: missing, or not whole"]], TopicsUnfit),
    ],
)
async def test_what_is_missing_in_the_end_is_raised(mongo: list[Any], kafka: list[Any], fault: type[Exception]) -> None:
    first = Mongo(mongo)
    with pytest.raises(fault):
        await required(first, Servers(kafka), within=0.02)
    assert first.asked > 1


async def test_the_topics_that_are_missing_are_named() -> None:
    with pytest.raises(TopicsUnfit, match="run `tueroeffner topics apply`: a: missing; b: has 1 copies"):
        await required(Mongo([[]]), Servers([["a: missing", "b: has 1 copies"]]), within=0)


async def test_an_unsafe_server_is_not_waited_for() -> None:
    mongo = Mongo([UnsafeServer("no replica set")])
    with pytest.raises(UnsafeServer):
        await required(mongo, Servers([[]]), within=60)
    assert mongo.asked == 1
