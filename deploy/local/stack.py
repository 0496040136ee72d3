"""The local stack as one thing: start it on a folder, break parts of it, stop it."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

from deploy.local import jars, kafka, mongod
from deploy.local.folders import claim
from deploy.local.kafka import KafkaNode
from deploy.local.mongod import MongodNode
from deploy.local.ports import free_port, is_free
from deploy.local.processes import Component, Stopped
from deploy.local.settings import LOOPBACK

_STATE = "state.json"


class StackFolderError(RuntimeError):
    """The folder's stack cannot be started as asked: its size differs, or it already runs."""


class Stack(Stopped):
    """A running MongoDB replica set and Kafka cluster on loopback.

    Components are named `mongod-1` to `mongod-n` and `kafka-1` to `kafka-n`. All of them
    end with this process. A stack may be started again on the folder of an earlier one
    and finds its data. Not safe for use from several threads at once.
    """

    def __init__(self, root: Path, mongods: list[MongodNode], kafkas: list[KafkaNode]) -> None:
        self.root = root
        self._mongods = mongods
        self._kafkas = kafkas
        self._components: dict[str, Component] = {}

    @classmethod
    def start(cls, root: Path, mongo_nodes: int = 1, kafka_nodes: int = 1) -> Self:
        """Start everything under `root` and return when it answers; nothing is left running if it fails.

        Raises ForeignFolderError, StackFolderError, ComponentFailedError, or MissingProgramError.
        """
        stack = cls.launch(root, mongo_nodes, kafka_nodes)
        try:
            stack.wait_until_ready()
        except BaseException:
            stack.stop()
            raise
        return stack

    @classmethod
    def launch(cls, root: Path, mongo_nodes: int = 1, kafka_nodes: int = 1) -> Self:
        """As `start`, but returns at once: addresses are known, nothing answers yet. Raises the same errors."""
        root = root.resolve()
        names = [f"mongod-{i + 1}" for i in range(mongo_nodes)] + [f"kafka-{i + 1}" for i in range(kafka_nodes)]
        state = _State.open(claim(root, "stack"), mongo_nodes, kafka_nodes)
        folders = {name: claim(root, name) for name in names}
        mongods = [MongodNode(i, state.port(f"mongod-{i}"), folders[f"mongod-{i}"]) for i in range(1, mongo_nodes + 1)]
        kafkas = [
            KafkaNode(i, state.port(f"kafka-{i}"), state.port(f"kafka-{i}-controller"), folders[f"kafka-{i}"])
            for i in range(1, kafka_nodes + 1)
        ]
        state.save()
        stack = cls(root, mongods, kafkas)
        try:
            stack._launch_all(state.cluster_id)
        except BaseException:
            stack.stop()
            raise
        return stack

    def wait_until_ready(self) -> None:
        """Return when everything that was launched answers; raises ComponentFailedError."""
        for member in self._mongods:
            self._components[member.name].wait_until_ready()
        mongod.join(self._mongods)
        for node in self._kafkas:
            self._components[node.name].wait_until_ready()

    @property
    def mongo_url(self) -> str:
        """The replica set's address, with its name; write and read concerns are the client's."""
        return mongod.url(self._mongods)

    @property
    def kafka(self) -> str:
        """Bootstrap servers, `host:port` separated by commas."""
        return ",".join(f"{LOOPBACK}:{node.port}" for node in self._kafkas)

    @property
    def names(self) -> list[str]:
        """The names of all components."""
        return list(self._components)

    def component(self, name: str) -> Component:
        """One component by name; raises KeyError with the known names if there is none."""
        if name not in self._components:
            raise KeyError(f"{name} is not one of {', '.join(self._components)}")
        return self._components[name]

    def kill(self, name: str) -> None:
        """End a component as a power cut would; its data stays."""
        self.component(name).kill()

    def restart(self, name: str) -> None:
        """Start a component again on its data and port, stopping it before if it runs; blocks until it is ready."""
        component = self.component(name)
        component.stop()
        component.start()
        component.wait_until_ready()
        if name.startswith("mongod"):
            mongod.wait_for_primary(self._mongods)

    def pause(self, name: str) -> None:
        """Freeze a component: connections stay open and nothing answers."""
        self.component(name).pause()

    def resume(self, name: str) -> None:
        """Let a frozen component go on."""
        self.component(name).resume()

    @contextmanager
    def paused(self, name: str) -> Iterator[None]:
        """Freeze a component for the length of a block."""
        self.pause(name)
        try:
            yield
        finally:
            self.resume(name)

    def primary(self) -> str:
        """The name of the MongoDB member that leads now; waits for an election."""
        return mongod.wait_for_primary(self._mongods).name

    def stop(self) -> None:
        """End all components, politely where they let us; may be called twice."""
        for component in self._components.values():
            component.terminate()
        for component in self._components.values():
            component.stop()

    def _launch_all(self, cluster_id: str) -> None:
        program = mongod.binary()
        jar_folder = jars.jars()
        java = kafka.Java(jars.program("java"), jar_folder, jars.ensure_archive(jar_folder))
        for member in self._mongods:
            self._launch(mongod.component(member, program))
        for node in self._kafkas:
            kafka.write_properties(node, self._kafkas)
        kafka.format_storage(self._kafkas, java, cluster_id)
        for node in self._kafkas:
            self._launch(kafka.component(node, java, len(self._kafkas)))

    def _launch(self, component: Component) -> None:
        self._components[component.name] = component
        component.start()


class _State:
    """What a folder's stack must remember: its size, its ports and its Kafka cluster's id."""

    def __init__(self, file: Path, nodes: list[int], ports: dict[str, int], cluster_id: str) -> None:
        self._file = file
        self._nodes = nodes
        self._ports = ports
        self.cluster_id = cluster_id

    @classmethod
    def open(cls, folder: Path, mongo_nodes: int, kafka_nodes: int) -> Self:
        file, nodes = folder / _STATE, [mongo_nodes, kafka_nodes]
        if not file.is_file():
            return cls(file, nodes, {}, kafka.new_cluster_id())
        stored = json.loads(file.read_text())
        if stored["nodes"] != nodes:
            raise StackFolderError(f"{folder.parent} has {stored['nodes']} nodes of MongoDB and Kafka, not {nodes}")
        return cls(file, nodes, stored["ports"], stored["cluster_id"])

    def port(self, name: str) -> int:
        """The port of last time, or a free one the first time."""
        if name not in self._ports:
            self._ports[name] = free_port()
        elif not is_free(self._ports[name]):
            # Members of a replica set know each other by their ports, so a new one would not do.
            raise StackFolderError(
                f"port {self._ports[name]} of {name} is taken: "
                f"another process runs on {self._file.parent.parent} or uses its port"
            )
        return self._ports[name]

    def save(self) -> None:
        text = json.dumps({"nodes": self._nodes, "ports": self._ports, "cluster_id": self.cluster_id}, indent=2)
        self._file.write_text(text + "\n")
