"""Two deployments: a city that keeps to itself, and three cities that share one."""

from typing import Final

from deploy.demo.data import read_reference
from deploy.kubernetes.plan import Json, Neighbour, Plan

_FIELDS: Final = ("slug", "name", "state", "licence", "districts", "model_regions")
_REPLICA_SET: Final = "replicaSet=tueroeffner"
_MEMBERS: Final = ",".join(f"mongodb-{number}.mongodb.mongodb.svc:27017" for number in range(3))
_KAFKA: Final = ",".join(f"kafka-{number}.kafka.kafka.svc:9092" for number in range(3))


def examples() -> tuple[Plan, ...]:
    """The plans whose manifests are committed.

    The city that keeps to itself has its own MongoDB, too; it shares Kafka's brokers with the others under a prefix.
    """
    return (
        Plan(
            name="rostock",
            cities=(_city("rostock"),),
            replicas=1,
            issuer="https://login.rostock.example.org",
            mongo_url="mongodb://mongodb.mongodb-rostock.svc:27017/?" + _REPLICA_SET,
            mongo=Neighbour("mongodb-rostock", 27017),
            kafka=_KAFKA,
            topic_prefix="rostock-",
        ),
        Plan(
            name="three-cities",
            cities=tuple(_city(slug) for slug in ("salzgitter", "stuttgart", "wismar")),
            replicas=2,
            issuer="https://login.example.org",
            mongo_url=f"mongodb://{_MEMBERS}/?{_REPLICA_SET}",
            kafka=_KAFKA,
        ),
    )


def _city(slug: str) -> Json:
    """The demo's city, without what the demo does in it."""
    found = next(city for city in read_reference().cities if city["slug"] == slug)
    return {name: found[name] for name in _FIELDS}
