"""What clients asked for and what they were answered: the truth that the services are compared with."""

from dataclasses import dataclass, field
from itertools import pairwise
from time import monotonic

Aggregate = tuple[str, str]
"""A topic's name and an aggregate's id."""


@dataclass(slots=True)
class History:
    """Of one town, over all its tests. A change counts from when it was sent; it is owed from its acknowledgement."""

    sent: set[Aggregate] = field(default_factory=set)
    versions: dict[Aggregate, int] = field(default_factory=dict)
    """The highest version that was acknowledged."""
    minutes: dict[str, int] = field(default_factory=dict)
    """What each visit must say at the end."""
    repeats: int = 0
    moments: dict[str, list[float]] = field(default_factory=dict)
    """For each service when it acknowledged something."""

    def sending(self, topic: str, key: str) -> None:
        """A client is about to ask for a new aggregate."""
        self.sent.add((topic, key))

    def answered(self, topic: str, key: str, version: int) -> None:
        """A client was told that the aggregate has this version."""
        self.sent.add((topic, key))
        self.versions[topic, key] = max(version, self.versions.get((topic, key), 0))
        self.moments.setdefault(topic.split(".", maxsplit=1)[0], []).append(monotonic())

    def acknowledged(self, service: str) -> int:
        """How many changes a service has acknowledged."""
        return len(self.moments.get(service, ()))

    def total(self) -> int:
        """How many changes all services have acknowledged."""
        return sum(len(moments) for moments in self.moments.values())

    def silence(self, service: str, since: float) -> float:
        """The longest time without an acknowledgement of a service, in seconds, from a moment until now."""
        later = [since, *(moment for moment in self.moments.get(service, ()) if moment > since), monotonic()]
        return max(after - before for before, after in pairwise(later))
