"""The four services as local processes on a running stack: for the demo, for `make up` and for tests."""

import asyncio
import os
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Self

from deploy.local.ports import free_port
from deploy.local.processes import Component, Stopped
from shared.messaging.kafka import Kafka, TopicSettings
from shared.security.local_issuer import JWKS_FILE, LOCAL_ISSUER, LocalIssuer

SERVICES: Final = ("registry", "visits", "matching", "reporting")
# Short enough that an erasure's bytes are gone from Kafka's files while somebody looks on.
LOCAL_TOPICS: Final = TopicSettings(replication=1, compaction_lag_ms=3_000, delete_retention_ms=604_800_000)
_ANSWERS = 2.0


@dataclass(slots=True)
class Deployment(Stopped):
    """Services on one folder: keys, logs and ports live there, and stay for the next start."""

    root: Path
    mongo_url: str
    kafka: str
    topics: TopicSettings = LOCAL_TOPICS
    components: dict[str, Component] = field(default_factory=dict)
    ports: dict[str, int] = field(default_factory=dict)

    @classmethod
    def start(
        cls,
        root: Path,
        mongo_url: str,
        kafka: str,
        topics: TopicSettings = LOCAL_TOPICS,
        services: tuple[str, ...] = SERVICES,
        *,
        servers_ready: Callable[[], None] = lambda: None,
    ) -> Self:
        """Makes keys and topics, starts the services and returns when they are ready.

        MongoDB and Kafka may be starting as well: ``servers_ready`` returns when they answer.
        """
        deployment = cls(root, mongo_url, kafka, topics)
        deployment.make_keys()
        try:
            for name in services:
                deployment.launch(name)
            servers_ready()
            deployment.apply_topics()
            for name in services:
                deployment.components[name].wait_until_ready()
        except BaseException:
            deployment.stop()
            raise
        return deployment

    def prepare(self) -> None:
        """Makes all that services need before they start; may be repeated."""
        self.make_keys()
        self.apply_topics()

    def make_keys(self) -> None:
        """Makes the folder, the master key and the local issuer's key; may be repeated."""
        self.root.mkdir(parents=True, exist_ok=True)
        key = self.root / "master.key"
        if not key.exists():
            with os.fdopen(os.open(key, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(os.urandom(96))
        self.issuer.prepare()

    def apply_topics(self) -> None:
        """Makes the topics, or configures those that are there; may be repeated."""
        asyncio.run(Kafka(self.kafka, "topics").apply_topics(self.topics))

    @property
    def issuer(self) -> LocalIssuer:
        """Whose tokens these services take."""
        return LocalIssuer(self.root / "issuer")

    def launch(self, name: str, extra: Mapping[str, str] | None = None) -> Component:
        """Starts one service without waiting; ``extra`` adds to its environment."""
        port = self.ports.setdefault(name, free_port())
        component = Component(
            name,
            [sys.executable, "-m", f"services.{name}", "serve"],
            self.root / f"{name}.log",
            lambda: _ready(port),
            {**os.environ, **self.environment(name), **(extra or {})},
        )
        self.components[name] = component
        component.start()
        return component

    def environment(self, name: str) -> dict[str, str]:
        """The settings of a service."""
        return {
            "TUEROEFFNER_ENV": "local",
            "TUEROEFFNER_MONGO_URL": self.mongo_url,
            "TUEROEFFNER_KAFKA": self.kafka,
            "TUEROEFFNER_REPLICATION": str(self.topics.replication),
            "TUEROEFFNER_COMPACTION_LAG_MS": str(self.topics.compaction_lag_ms),
            "TUEROEFFNER_DELETE_RETENTION_MS": str(self.topics.delete_retention_ms),
            "TUEROEFFNER_MASTER_KEY_FILE": str(self.root / "master.key"),
            "TUEROEFFNER_JWKS_FILE": str(self.root / "issuer" / JWKS_FILE),
            "TUEROEFFNER_ISSUER": LOCAL_ISSUER,
            "TUEROEFFNER_PORT": str(self.ports[name]),
        }

    def url(self, name: str) -> str:
        """Where a service listens."""
        return f"http://127.0.0.1:{self.ports[name]}"

    def restart(self, name: str, extra: Mapping[str, str] | None = None) -> None:
        """Starts a service again, ending it before if it runs; returns when it is ready."""
        self.components[name].stop()
        self.launch(name, extra).wait_until_ready()

    def stop(self) -> None:
        """Ends all services, politely where they let us; may be called twice."""
        for component in self.components.values():
            component.terminate()
        for component in self.components.values():
            component.stop()


def _ready(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/health/serving", timeout=_ANSWERS) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False
