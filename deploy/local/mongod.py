"""MongoDB members as plain processes, joined into a replica set."""

import os
import shutil
import sysconfig
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from deploy.local.mongo_wire import CommandFailedError, command
from deploy.local.processes import Component, ComponentFailedError
from deploy.local.settings import LOOPBACK, MONGOD, PATIENCE, REPLICA_SET

_ALREADY_INITIALIZED = 23


@dataclass(frozen=True, slots=True)
class MongodNode:
    """One member: its number from 1, its port, and its own folder."""

    number: int
    port: int
    folder: Path

    @property
    def name(self) -> str:
        """The component's name in the stack."""
        return f"mongod-{self.number}"

    @property
    def host(self) -> str:
        """The member as the replica set names it."""
        return f"{LOOPBACK}:{self.port}"


def binary() -> str:
    """The mongod of the installed wheel, else one on the path; raises FileNotFoundError without either."""
    packaged = Path(sysconfig.get_path("purelib")) / "fiftyone" / "db" / "bin" / "mongod"
    if packaged.is_file():
        if not os.access(packaged, os.X_OK):
            packaged.chmod(0o755)
        return str(packaged)
    installed = shutil.which("mongod")
    if installed is None:
        raise FileNotFoundError("mongod is missing: run `make setup`")
    return installed


def component(node: MongodNode, program: str) -> Component:
    """The member as a component; ready when it answers."""
    data = node.folder / "data"
    data.mkdir(exist_ok=True)
    own = ["--bind_ip", LOOPBACK, "--port", str(node.port), "--dbpath", str(data), "--nounixsocket"]
    arguments = [program, *MONGOD.arguments(), *own, "--setParameter", "diagnosticDataCollectionEnabled=false"]
    return Component(node.name, arguments, node.folder / "log.txt", lambda: _answers(node.port))


def join(nodes: Sequence[MongodNode]) -> None:
    """Make new members one replica set; blocks until one of them leads."""
    joined = nodes[0].folder / "joined"
    if not joined.exists():
        try:
            command(nodes[0].port, {"replSetInitiate": MONGOD.replica_set([node.host for node in nodes])})
        except CommandFailedError as error:
            # The process that began this died before it could note it down.
            if error.code != _ALREADY_INITIALIZED:
                raise
        joined.touch()
    wait_for_primary(nodes)


def wait_for_primary(nodes: Sequence[MongodNode], within: float = PATIENCE.ready) -> MongodNode:
    """The member that leads and takes writes; raises ComponentFailedError if none does in time."""
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        for node in nodes:
            if _leads(node.port):
                return node
        time.sleep(PATIENCE.poll)
    raise ComponentFailedError(f"no member leads the replica set within {within} s")


def url(nodes: Sequence[MongodNode]) -> str:
    """The address of the replica set for clients."""
    return f"mongodb://{','.join(node.host for node in nodes)}/?replicaSet={REPLICA_SET}"


def _answers(port: int) -> bool:
    try:
        command(port, {"ping": 1})
    except (OSError, CommandFailedError):
        return False
    return True


def _leads(port: int) -> bool:
    try:
        return command(port, {"hello": 1}).get("isWritablePrimary") is True
    except (OSError, CommandFailedError):
        return False
