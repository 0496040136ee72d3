"""Apache Kafka nodes, broker and controller in one, as plain Java processes."""

import base64
import secrets
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from deploy.local import kafka_wire
from deploy.local.processes import Component, ComponentFailedError, spawn
from deploy.local.settings import BROKER, JAVA, LOOPBACK, PATIENCE

_LOG_CONFIGURATION = Path(__file__).with_name("log4j2.properties")


@dataclass(frozen=True, slots=True)
class KafkaNode:
    """One node: its number from 1, its two ports, and its own folder."""

    number: int
    port: int
    controller_port: int
    folder: Path

    @property
    def name(self) -> str:
        """The component's name in the stack."""
        return f"kafka-{self.number}"

    @property
    def properties_file(self) -> Path:
        """Where the node's settings are written."""
        return self.folder / "server.properties"


@dataclass(frozen=True, slots=True)
class Java:
    """The Java machine, the jars, an archive of loaded classes if there is one, extra arguments."""

    program: str
    jars: Path
    archive: Path | None
    extra: tuple[str, ...] = ()

    def command(self, main_class: str, *arguments: str) -> list[str]:
        """The command line that runs a class of the jars."""
        shared = [f"-XX:SharedArchiveFile={self.archive}"] if self.archive and self.archive.is_file() else []
        logging = f"-Dlog4j2.configurationFile={_LOG_CONFIGURATION}"
        jars = ":".join(str(file) for file in class_path(self.jars))
        return [self.program, *JAVA.arguments(), *shared, *self.extra, logging, "-cp", jars, main_class, *arguments]


def class_path(folder: Path) -> list[Path]:
    """The jars in the same order each time: an archive fits one order only."""
    return sorted(folder.glob("*.jar"))


def new_cluster_id() -> str:
    """A random cluster id in Kafka's own form; never one that begins like an option."""
    return base64.urlsafe_b64encode(b"\x01" + secrets.token_bytes(15)).decode().rstrip("=")


def properties(node: KafkaNode, cluster: Sequence[KafkaNode]) -> dict[str, str]:
    """All properties of one node of the cluster."""
    voters = ",".join(f"{other.number}@{LOOPBACK}:{other.controller_port}" for other in cluster)
    return {
        "process.roles": "broker,controller",
        "node.id": str(node.number),
        "controller.quorum.voters": voters,
        "controller.listener.names": "CONTROLLER",
        "inter.broker.listener.name": "PLAINTEXT",
        "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
        "listeners": f"PLAINTEXT://{LOOPBACK}:{node.port},CONTROLLER://{LOOPBACK}:{node.controller_port}",
        "advertised.listeners": f"PLAINTEXT://{LOOPBACK}:{node.port}",
        "log.dirs": str(node.folder / "data"),
    } | BROKER.properties(len(cluster))


def write_properties(node: KafkaNode, cluster: Sequence[KafkaNode]) -> None:
    """Write the node's settings into its folder."""
    lines = [f"{key}={value}\n" for key, value in sorted(properties(node, cluster).items())]
    node.properties_file.write_text("".join(lines))


def format_storage(nodes: Sequence[KafkaNode], java: Java, cluster_id: str) -> None:
    """Prepare the folders of nodes that have never run; all at once, folders in use are left alone."""
    pending = {}
    for node in nodes:
        if (node.folder / "data" / "meta.properties").exists():
            continue
        arguments = ("format", "--cluster-id", cluster_id, "--config", str(node.properties_file))
        pending[node] = spawn(java.command("kafka.tools.StorageTool", *arguments), node.folder / "format.log")
    for node, process in pending.items():
        try:
            code = process.wait(PATIENCE.ready)
        except subprocess.TimeoutExpired:
            process.kill()
            code = -1
        if code != 0:
            log = (node.folder / "format.log").read_text(errors="replace")
            raise ComponentFailedError(f"{node.name}: its storage could not be prepared\n{log}")


def component(node: KafkaNode, java: Java, cluster_size: int = 1) -> Component:
    """The node as a component; ready when it answers and knows all brokers of its cluster."""

    def ready() -> bool:
        if not kafka_wire.answers(node.port):
            return False
        return cluster_size == 1 or kafka_wire.known_brokers(node.port) * 2 > cluster_size

    command = java.command("kafka.Kafka", str(node.properties_file))
    return Component(node.name, command, node.folder / "log.txt", ready)
