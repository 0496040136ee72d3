"""The settings that decide whether something acknowledged survives a fault: as measured, and not to be weakened."""

import inspect
from typing import Any

import pytest

from services.visits.app import SERVICE
from shared.messaging import consumer, relay
from shared.messaging import kafka as door
from shared.messaging.kafka import Kafka
from shared.messaging.topics import TopicSettings
from shared.runtime import main
from shared.storage.leases import Leases
from shared.storage.mongo import LONGEST_LIFETIME, Mongo, UnsafeServer

WEAK = "mongodb://127.0.0.1:9/?replicaSet=none&w=0&journal=false&readConcernLevel=local&serverSelectionTimeoutMS=60000"
SAFE = {
    "cleanup.policy": "compact",
    "max.compaction.lag.ms": "3600000",
    "delete.retention.ms": "604800000",
    "min.insync.replicas": "2",
    "unclean.leader.election.enable": "false",
    "max.message.bytes": "1048588",
}


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> dict[str, dict[str, Any]]:
    """What the clients of Kafka are made with."""
    arguments: dict[str, dict[str, Any]] = {}
    for kind in ("AIOKafkaProducer", "AIOKafkaConsumer"):
        monkeypatch.setattr(door, kind, lambda kind=kind, **options: arguments.update({kind: options}))
    Kafka("127.0.0.1:9", "visits-0").producer()
    Kafka("127.0.0.1:9", "visits-0").consumer("visits", "0")
    return arguments


def test_producer_is_idempotent_and_gives_up_soon(made: dict[str, dict[str, Any]]) -> None:
    wanted = {"acks": "all", "enable_idempotence": True, "linger_ms": 0, "request_timeout_ms": 3_000}
    wanted |= {"retry_backoff_ms": 100, "metadata_max_age_ms": 5_000}
    assert {name: made["AIOKafkaProducer"][name] for name in wanted} == wanted


def test_consumer_commits_nothing_by_itself_and_keeps_its_place_over_a_restart(made: dict[str, dict[str, Any]]) -> None:
    wanted = {"enable_auto_commit": False, "auto_offset_reset": "earliest", "group_instance_id": "0"}
    wanted |= {"session_timeout_ms": 6_000, "heartbeat_interval_ms": 1_000, "fetch_min_bytes": 1}
    assert {name: made["AIOKafkaConsumer"][name] for name in wanted} == wanted


async def test_address_cannot_weaken_what_mongodb_promises() -> None:
    client: Any = Mongo(WEAK, "visits").client
    assert client.write_concern.document == {"w": "majority", "j": True, "wtimeout": 10_000}
    assert client.read_concern.level == "majority"
    assert client.options.retry_writes is True
    assert client.options.server_selection_timeout == 5
    client.close()


class Answers:
    """A server that answers what it is told to."""

    def __init__(self, **changes: Any) -> None:
        self._hello = {"setName": "rs", "maxWireVersion": 17, **changes}
        self._lifetime = self._hello.pop("lifetime", 3)

    async def command(self, what: Any) -> dict[str, Any]:
        return self._hello if what == "hello" else {"transactionLifetimeLimitSeconds": self._lifetime}


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"setName": None}, "replica set"),
        ({"maxWireVersion": 13}, r"6\.0"),
        ({"arbiters": ["other:27017"]}, "arbiter"),
        ({"lifetime": 60}, "transactionLifetimeLimitSeconds is 60"),
    ],
)
async def test_unsafe_server_is_refused_with_the_reason(changes: dict[str, Any], complaint: str) -> None:
    mongo: Any = Mongo("mongodb://127.0.0.1:9", "visits")
    mongo.client.close()
    answers = Answers(**changes)
    if changes.get("setName", "") is None:
        answers._hello.pop("setName")
    mongo.client = type("Client", (), {"admin": answers})()
    with pytest.raises(UnsafeServer, match=complaint):
        await mongo.check_server()
    mongo.client = type("Client", (), {"admin": Answers(lifetime=LONGEST_LIFETIME)})()
    await mongo.check_server()


def test_safe_topic_has_no_fault_and_stricter_values_are_taken() -> None:
    settings = TopicSettings(replication=3)
    assert settings.faults(SAFE) == {}
    assert settings.faults({**SAFE, "delete.retention.ms": "9999999999", "max.compaction.lag.ms": "1000"}) == {}
    assert settings.faults({**SAFE, **settings.as_configs()}) == {}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("cleanup.policy", "delete"),
        ("cleanup.policy", "compact,delete"),
        ("max.compaction.lag.ms", "9223372036854775807"),
        ("delete.retention.ms", "86400000"),
        ("min.insync.replicas", "1"),
        ("unclean.leader.election.enable", "true"),
        ("max.message.bytes", "100000"),
    ],
)
def test_unsafe_setting_of_a_topic_is_named_with_what_is_needed(name: str, value: str) -> None:
    settings = TopicSettings(replication=3)
    assert set(settings.faults({**SAFE, name: value})) == {name}
    assert f"{name} is {value}; needed is " in settings.faults({**SAFE, name: value})[name]
    assert set(settings.faults({key: kept for key, kept in SAFE.items() if key != name})) == {name}


def test_one_copy_is_enough_where_there_is_one_broker() -> None:
    assert TopicSettings(replication=1).faults({**SAFE, "min.insync.replicas": "1"}) == {}


def test_relay_and_consumer_work_in_the_measured_bounds() -> None:
    assert (relay.RENEW_SECONDS, relay.SWEEP_SECONDS) == (0.5, 5.0)
    assert 500 <= relay.ROWS_A_ROUND <= 1_000
    assert 5.0 <= relay.SEND_LIMIT <= 10.0
    assert 1_000 <= consumer.RECORDS_A_POLL <= 3_000
    assert inspect.signature(Leases).parameters["milliseconds"].default == 2_000


def test_server_runs_on_the_fast_loop_and_writes_no_line_a_request(monkeypatch: pytest.MonkeyPatch) -> None:
    made: dict[str, Any] = {}

    class Enough(Exception):
        """The server need not start."""

    def config(_: Any, **options: Any) -> None:
        made.update(options)
        raise Enough

    process: Any = type("Process", (), {"build": staticmethod(lambda *_: None)})
    monkeypatch.setattr(main, "Process", process)
    monkeypatch.setattr(main, "build_app", lambda _: None)
    monkeypatch.setattr("uvicorn.Config", config)
    told = {"host": "127.0.0.1", "port": 0, "stop_seconds": 20, "tracing": "off"}
    settings: Any = type("Settings", (), told)
    with pytest.raises(Enough):
        main.serve(SERVICE, settings)
    assert (made["loop"], made["http"], made["access_log"]) == ("uvloop", "httptools", False)
    assert made["timeout_graceful_shutdown"] == 20
