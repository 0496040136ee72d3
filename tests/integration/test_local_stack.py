"""The local stack starts, answers, keeps its data, and never outlives whoever started it."""

import os
import select
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from pymongo import MongoClient

from deploy.local import Stack, kafka_wire, mongo_wire
from deploy.local.folders import ForeignFolderError
from deploy.local.ports import is_free
from deploy.local.settings import BROKER
from deploy.local.stack import StackFolderError

ROOT = Path(__file__).resolve().parents[2]


def alive(pid: int) -> bool:
    """Whether the process runs; a zombie does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def ended(pid: int, within: float = 10.0) -> bool:
    """Wait for the end of any process, ours or not; false if it still runs after `within` seconds."""
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([handle], [], [], within)[0])
    finally:
        os.close(handle)


def port_of(address: str) -> int:
    return int(address.rpartition(":")[2])


def _mapped(port: int) -> str:
    sockets = [line.split() for line in Path("/proc/net/tcp6").read_text().splitlines()[1:]]
    [address] = {fields[1][:32] for fields in sockets if fields[3] == "0A" and int(fields[1][33:], 16) == port}
    return address.removeprefix("0000000000000000FFFF0000")


def mongo_port(stack: Stack) -> int:
    return port_of(stack.mongo_url.removeprefix("mongodb://").partition("/")[0])


async def test_stack_runs_with_the_settings_that_decide_recovery(stack: Stack) -> None:
    asked = mongo_wire.command(mongo_port(stack), {"getParameter": 1, "transactionLifetimeLimitSeconds": 1})
    assert asked["transactionLifetimeLimitSeconds"] == 3

    admin = AIOKafkaAdminClient(bootstrap_servers=stack.kafka)
    await admin.start()
    try:
        answers = await admin.describe_configs([ConfigResource(ConfigResourceType.BROKER, "1")])
    finally:
        await admin.close()
    actual = {entry[0]: entry[1] for answer in answers for entry in answer.resources[0][4]}
    expected = BROKER.properties(nodes=1)
    assert {name: actual.get(name) for name in expected} == expected


def test_stack_takes_transactions(stack: Stack) -> None:
    with MongoClient[dict[str, object]](stack.mongo_url) as client, client.start_session() as session:
        places = client["local_stack"]["places"]
        with session.start_transaction():
            places.insert_one({"_id": 1}, session=session)
            assert places.find_one({"_id": 1}) is None
        assert places.find_one({"_id": 1}) == {"_id": 1}


def test_stack_listens_on_loopback_only(stack: Stack) -> None:
    sockets = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    listening = {int(fields[1][9:], 16): fields[1][:8] for fields in sockets if fields[3] == "0A"}
    for port in (mongo_port(stack), port_of(stack.kafka)):
        # Java may listen by an IPv6 socket, where loopback is written as a mapped address.
        assert (listening.get(port) or _mapped(port)) == "0100007F"


async def test_data_outlives_kill_restart_and_a_second_start_on_the_same_folder(tmp_path: Path) -> None:
    with Stack.start(tmp_path) as stack:
        pids = [stack.component(name).pid for name in stack.names]
        await _write(stack)
        stack.kill("mongod-1")
        stack.kill("kafka-1")
        assert not any(alive(pid) for pid in pids)
        assert kafka_wire.answers(port_of(stack.kafka)) is False
        stack.restart("mongod-1")
        stack.restart("kafka-1")
        await _assert_written(stack)
        ports = [mongo_port(stack), port_of(stack.kafka)]
    assert all(is_free(port) for port in ports)

    with Stack.start(tmp_path) as again:
        assert [mongo_port(again), port_of(again.kafka)] == ports
        await _assert_written(again)
        with pytest.raises(StackFolderError, match="is taken"):
            Stack.start(tmp_path)
    with pytest.raises(StackFolderError, match="has"):
        Stack.start(tmp_path, mongo_nodes=3)


def test_paused_component_does_not_answer_until_it_is_resumed(stack: Stack) -> None:
    port = port_of(stack.kafka)
    with stack.paused("kafka-1"):
        assert stack.component("kafka-1").running
        assert kafka_wire.answers(port) is False
    stack.component("kafka-1").wait_until_ready()


def test_stop_ends_a_paused_component_too(tmp_path: Path) -> None:
    with Stack.start(tmp_path) as stack:
        pids = [stack.component(name).pid for name in stack.names]
        stack.pause("mongod-1")
    assert not any(alive(pid) for pid in pids)


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM])
def test_components_end_with_the_process_that_started_them(tmp_path: Path, end: signal.Signals) -> None:
    env_file = tmp_path / "stack.env"
    command = [sys.executable, "-m", "deploy.local", "up", "--root", str(tmp_path / "stack")]
    with subprocess.Popen([*command, "--env-file", str(env_file)], cwd=ROOT, stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline().startswith(b"MongoDB")
        tasks = Path(f"/proc/{parent.pid}/task").glob("*/children")
        children = [int(pid) for task in tasks for pid in task.read_text().split()]
        assert len(children) == 2
        assert all(alive(pid) for pid in children)
        parent.send_signal(end)
        assert all(ended(pid) for pid in [parent.pid, *children])
    assert not any(alive(pid) for pid in children)
    if end is signal.SIGTERM:
        assert parent.returncode == 0
        assert not env_file.exists()


def test_folder_with_foreign_files_is_refused_and_left_alone(tmp_path: Path) -> None:
    precious = tmp_path / "kafka-1" / "precious.txt"
    precious.parent.mkdir()
    precious.write_text("mine")
    with pytest.raises(ForeignFolderError):
        Stack.start(tmp_path)
    assert precious.read_text() == "mine"


@pytest.mark.slow
def test_three_members_elect_another_leader_and_brokers_know_each_other(tmp_path: Path) -> None:
    with Stack.start(tmp_path, mongo_nodes=3, kafka_nodes=3) as stack:
        assert [kafka_wire.known_brokers(port_of(address)) for address in stack.kafka.split(",")] == [3, 3, 3]
        first = stack.primary()
        stack.kill(first)
        second = stack.primary()
        assert second != first
        stack.restart(first)
        stack.kill("kafka-2")
        stack.restart("kafka-2")


async def _write(stack: Stack) -> None:
    with MongoClient[dict[str, object]](stack.mongo_url) as client:
        client["local_stack"]["kept"].insert_one({"_id": "before"})
    admin = AIOKafkaAdminClient(bootstrap_servers=stack.kafka)
    await admin.start()
    await admin.create_topics([NewTopic("kept", num_partitions=1, replication_factor=1)])
    await admin.close()
    producer = AIOKafkaProducer(bootstrap_servers=stack.kafka, acks="all")
    await producer.start()
    await producer.send_and_wait("kept", b"before")
    await producer.stop()


async def _assert_written(stack: Stack) -> None:
    with MongoClient[dict[str, object]](stack.mongo_url) as client:
        assert client["local_stack"]["kept"].find_one() == {"_id": "before"}
    consumer = AIOKafkaConsumer("kept", bootstrap_servers=stack.kafka, auto_offset_reset="earliest")
    await consumer.start()
    try:
        record = await consumer.getone()
    finally:
        await consumer.stop()
    assert record.value == b"before"
