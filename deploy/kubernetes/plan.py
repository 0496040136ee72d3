"""What one deployment on Kubernetes differs in from another; everything else is the same for all."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from shared.runtime.release import VERSION

Json = dict[str, Any]

PORT: Final = 8000
USER: Final = 10001
"""The user of the image."""
SECRET: Final = "tueroeffner-keys"  # noqa: S105  # its name
"""The Secret that the operator makes; its keys are the files below."""
SECRETS_AT: Final = "/run/secrets/tueroeffner"
MASTER_KEY: Final = "master.key"
JWKS: Final = "jwks.json"
CITIES_AT: Final = "/etc/tueroeffner/cities"


@dataclass(frozen=True, slots=True)
class Size:
    """What a container asks for and may take at most. No limit of processor time: a throttled process misses beats."""

    cpu: str
    memory: str
    most_memory: str

    def as_resources(self) -> Json:
        """As a container has it."""
        return {
            "requests": {"cpu": self.cpu, "memory": self.memory, "ephemeral-storage": "64Mi"},
            "limits": {"memory": self.most_memory, "ephemeral-storage": "512Mi"},
        }


_SMALL: Final = Size("100m", "160Mi", "384Mi")
_COMPUTING: Final = Size("200m", "320Mi", "1Gi")
SIZES: Final[Mapping[str, Size]] = {
    "registry": _COMPUTING,
    "visits": _SMALL,
    "matching": _COMPUTING,
    "reporting": _COMPUTING,
}
"""Of each service: all but visits compute, or write documents, in a process of its own beside the server."""


@dataclass(frozen=True, slots=True)
class Neighbour:
    """Somebody outside of the namespace: the namespace it lives in, and the port where it listens."""

    namespace: str
    port: int


@dataclass(frozen=True, slots=True)
class Plan:
    """One deployment in a namespace of its own. ``cities`` are bodies as ``tueroeffner city add`` takes them."""

    name: str
    cities: tuple[Json, ...]
    replicas: int
    issuer: str
    mongo_url: str
    kafka: str
    mongo: Neighbour = Neighbour("mongodb", 27017)
    brokers: Neighbour = Neighbour("kafka", 9092)
    proxy: str = "ingress"
    """The namespace of whoever passes requests on: with TLS, each service under its name, and no ``/metrics``."""
    watcher: str = "monitoring"
    """The namespace of whoever reads ``/metrics``."""
    replication: int = 3
    topic_prefix: str = ""
    version: str = VERSION
    sizes: Mapping[str, Size] = field(default_factory=lambda: SIZES)

    @property
    def namespace(self) -> str:
        """Where all of it is."""
        return f"tueroeffner-{self.name}"

    def image(self, service: str) -> str:
        """Without a registry: kustomize's ``images`` puts one before it."""
        return f"tueroeffner-{service}:{self.version}"

    def labels(self, name: str, component: str) -> dict[str, str]:
        """By which an object and its pods are found."""
        return {
            "app.kubernetes.io/name": name,
            "app.kubernetes.io/component": component,
            "app.kubernetes.io/part-of": "tueroeffner",
        }

    def settings(self) -> dict[str, str]:
        """The settings of all processes; the replica's ordinal and the proxy's path are each service's own."""
        return {
            "TUEROEFFNER_ENV": "production",
            "TUEROEFFNER_HOST": "0.0.0.0",  # noqa: S104  # inside a pod; the network policies say who may call
            "TUEROEFFNER_PORT": str(PORT),
            "TUEROEFFNER_MONGO_URL": self.mongo_url,
            "TUEROEFFNER_KAFKA": self.kafka,
            "TUEROEFFNER_TOPIC_PREFIX": self.topic_prefix,
            "TUEROEFFNER_REPLICATION": str(self.replication),
            "TUEROEFFNER_ISSUER": self.issuer,
            "TUEROEFFNER_MASTER_KEY_FILE": f"{SECRETS_AT}/{MASTER_KEY}",
            "TUEROEFFNER_JWKS_FILE": f"{SECRETS_AT}/{JWKS}",
        }
