"""The broker's jars, fetched once by Maven, and the class-data archive that halves its start."""

import hashlib
import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

from deploy.local import kafka
from deploy.local.folders import claim
from deploy.local.kafka import KafkaNode
from deploy.local.ports import free_port
from deploy.local.processes import Component

CHECKOUT = Path(__file__).resolve().parents[2]
STORE = CHECKOUT / ".stack"
_POM = Path(__file__).with_name("pom.xml")
_MARK = "pom.sha256"
_DUMP_SECONDS = 60.0


class MissingProgramError(RuntimeError):
    """A program from the list of Debian packages is not installed."""


class JarsNotFetchedError(RuntimeError):
    """Maven failed; the message is what it said."""


def jars() -> Path:
    """The folder of the broker's jars; fetches them if the list of jars has changed since."""
    folder, mark = STORE / "jars", STORE / _MARK
    wanted = hashlib.sha256(_POM.read_bytes()).hexdigest()
    if mark.is_file() and mark.read_text() == wanted:
        return folder
    shutil.rmtree(folder, ignore_errors=True)
    STORE.mkdir(exist_ok=True)
    fetch = [program("mvn"), "-q", "-B", "-f", str(_POM), "dependency:copy-dependencies", f"-DoutputDirectory={folder}"]
    done = subprocess.run(fetch, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise JarsNotFetchedError(f"Maven could not fetch the broker's jars:\n{done.stdout}{done.stderr}")
    mark.write_text(wanted)
    return folder


def program(name: str) -> str:
    """The path of a program; raises MissingProgramError if it is not installed."""
    path = shutil.which(name)
    if path is None:
        raise MissingProgramError(f"{name} is missing: run `make setup`, which installs or names what is needed")
    return path


def archive_file(folder: Path) -> Path:
    """Where the class-data archive for these jars and this Java lies or would lie."""
    java = Path(program("java")).resolve()
    parts = [f"{file} {file.stat().st_size} {file.stat().st_mtime_ns}" for file in [java, *kafka.class_path(folder)]]
    return STORE / f"kafka-{hashlib.sha256(chr(10).join(parts).encode()).hexdigest()[:16]}.jsa"


def ensure_archive(folder: Path) -> Path:
    """The class-data archive; runs a broker once, for some seconds, if there is none that fits.

    An archive is only an optimisation: Java ignores one that it cannot use.
    """
    archive = archive_file(folder)
    if archive.is_file():
        return archive
    for outdated in STORE.glob("kafka-*.jsa"):
        outdated.unlink(missing_ok=True)
    with tempfile.TemporaryDirectory(prefix="tueroeffner-archive-") as scratch:
        unfinished = STORE / f"{archive.name}.{os.getpid()}"
        _run_once(Path(scratch), folder, unfinished)
        if unfinished.is_file():
            unfinished.replace(archive)
    return archive


def _run_once(scratch: Path, folder: Path, archive: Path) -> None:
    node = KafkaNode(number=1, port=free_port(), controller_port=free_port(), folder=claim(scratch, "kafka-1"))
    kafka.write_properties(node, [node])
    kafka.format_storage([node], kafka.Java(program("java"), folder, None), kafka.new_cluster_id())
    java = kafka.Java(program("java"), folder, None, (f"-XX:ArchiveClassesAtExit={archive}",))
    broker: Component = kafka.component(node, java)
    broker.start()
    broker.wait_until_ready()
    os.kill(broker.pid, signal.SIGTERM)
    broker.wait_until_gone(_DUMP_SECONDS)
