"""The parts of the local stack that need no process: wire, ports, folders, packages, stages, addresses."""

import socket
from pathlib import Path

import bson
import pytest

from deploy.local import kafka, mongo_wire, mongod, packages, stages
from deploy.local.folders import MARKER, ForeignFolderError, claim
from deploy.local.kafka import KafkaNode
from deploy.local.mongod import MongodNode
from deploy.local.ports import free_port, is_free
from deploy.local.settings import BROKER, MONGOD, container_variable


def test_documents_go_over_the_wire_as_the_driver_would_write_them() -> None:
    document = {
        "text": "Türöffner",
        "yes": True,
        "small": -7,
        "large": 2**40,
        "half": 0.5,
        "list": [1, {"in": "side"}],
        "document": {"empty": {}},
    }
    assert mongo_wire.encode(document) == bson.encode(document)
    assert mongo_wire.decode(bson.encode(document)) == document


def test_kinds_that_are_only_read_are_skipped_without_losing_the_next() -> None:
    answer = {
        "id": bson.ObjectId(b"twelve bytes"),
        "none": None,
        "binary": b"\x00\x01",
        "at": bson.Timestamp(1, 2),
        "ok": 1.0,
    }
    assert mongo_wire.decode(bson.encode(answer))["ok"] == 1.0
    with pytest.raises(TypeError, match="pattern"):
        mongo_wire.encode({"pattern": object()})
    with pytest.raises(ValueError, match="0x0b"):
        mongo_wire.decode(bson.encode({"pattern": bson.Regex("a")}))


def test_port_is_free_below_the_range_of_outgoing_connections_and_given_once() -> None:
    ports = [free_port() for _ in range(50)]
    assert len(set(ports)) == 50
    first_ephemeral = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    assert all(port < max(first_ephemeral, 32_768) for port in ports)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", ports[0]))
        taken.listen()
        assert not is_free(ports[0])
    assert is_free(ports[1])


def test_folder_is_claimed_once_and_recognised_again(tmp_path: Path) -> None:
    folder = claim(tmp_path, "mongod-1")
    (folder / "data").mkdir()
    assert claim(tmp_path, "mongod-1") == folder


def test_folder_of_another_or_with_foreign_files_is_refused(tmp_path: Path) -> None:
    (tmp_path / "kafka-1").mkdir()
    (tmp_path / "kafka-1" / "letter.txt").write_text("private")
    with pytest.raises(ForeignFolderError, match="holds files"):
        claim(tmp_path, "kafka-1")
    assert not (tmp_path / "kafka-1" / MARKER).exists()
    claim(tmp_path, "mongod-1").rename(tmp_path / "kafka-2")
    with pytest.raises(ForeignFolderError, match="belongs to mongod-1"):
        claim(tmp_path, "kafka-2")
    (tmp_path / "kafka-3").write_text("a file")
    with pytest.raises(ForeignFolderError, match="not a folder"):
        claim(tmp_path, "kafka-3")


def test_cluster_of_three_keeps_a_majority_of_copies_in_step(tmp_path: Path) -> None:
    nodes = [KafkaNode(number, 9000 + number, 9100 + number, tmp_path) for number in (1, 2, 3)]
    written = kafka.properties(nodes[1], nodes)
    assert written["min.insync.replicas"] == "2"
    assert written["default.replication.factor"] == "3"
    assert written["controller.quorum.voters"] == "1@127.0.0.1:9101,2@127.0.0.1:9102,3@127.0.0.1:9103"
    assert written["broker.session.timeout.ms"] == "2000"
    assert written["unclean.leader.election.enable"] == "false"
    assert kafka.properties(nodes[0], nodes[:1])["min.insync.replicas"] == "1"


def test_every_broker_setting_has_a_value_and_a_container_variable() -> None:
    properties = BROKER.properties(nodes=1)
    assert all(value not in {"", "None"} for value in properties.values())
    assert container_variable("min.insync.replicas") == "KAFKA_MIN_INSYNC_REPLICAS"
    assert len({container_variable(name) for name in properties}) == len(properties)


def test_members_are_told_to_give_up_orphaned_transactions_soon(tmp_path: Path) -> None:
    arguments = mongod.component(MongodNode(1, 27, tmp_path), "mongod").command
    assert "transactionLifetimeLimitSeconds=3" in arguments
    assert arguments[arguments.index("--bind_ip") + 1] == "127.0.0.1"
    assert MONGOD.replica_set(["a:1", "b:2"])["members"] == [{"_id": 0, "host": "a:1"}, {"_id": 1, "host": "b:2"}]


def test_url_names_all_members_and_the_set(tmp_path: Path) -> None:
    members = [MongodNode(1, 11, tmp_path), MongodNode(2, 22, tmp_path)]
    assert mongod.url(members) == "mongodb://127.0.0.1:11,127.0.0.1:22/?replicaSet=tueroeffner"


def test_packages_are_missing_only_if_no_alternative_is_installed() -> None:
    entries = packages.wanted("# comment\njava-17 | java-default\n\nmaven # builds\nlibcurl4 | libcurl4t64\n")
    assert entries == [["java-17", "java-default"], ["maven"], ["libcurl4", "libcurl4t64"]]
    lacking = packages.missing(entries, {"libcurl4t64"})
    assert lacking == [["java-17", "java-default"], ["maven"]]
    assert packages.chosen(lacking, lambda name: name != "java-17") == ["java-default", "maven"]
    line = packages.line_to_type(["java-default", "maven"])
    assert line.endswith("java-default maven")
    assert "\n" not in line
    assert packages.missing(entries, {"java-17", "maven", "libcurl4"}) == []


def test_list_of_packages_names_what_the_stack_runs_on() -> None:
    names = {name for entry in packages.wanted(packages.LIST.read_text()) for name in entry}
    assert {"maven", "openjdk-17-jre-headless", "libcurl4", "libssl3", "fonts-noto-core"} <= names


def test_stages_end_at_the_first_failure_with_its_code(capsys: pytest.CaptureFixture[str]) -> None:
    ran = []

    def execute(stage: str) -> int:
        ran.append(stage)
        return 5 if stage == "unit" else 0

    ticks = iter(range(100))
    assert stages.run(("lint", "unit", "e2e"), execute, lambda: float(next(ticks))) == 5
    assert ran == ["lint", "unit"]
    printed = capsys.readouterr().out
    assert "lint             1.0 s  ok" in printed
    assert "unit             1.0 s  FAILED" in printed


def test_stages_cover_the_whole_house_in_order() -> None:
    assert stages.STAGES == ("lint", "types", "arch", "unit", "contract", "integration", "faults", "e2e")
    assert stages.run(stages.STAGES, lambda _: 0) == 0
