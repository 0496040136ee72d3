"""What topics must be like, so that nothing acknowledged is lost and nothing erased stays; no Kafka in here."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from shared.contracts.base import LARGEST_EVENT

_SMALLEST_LIMIT: Final = 2 * LARGEST_EVENT
"""What a topic must take at the least: an event with its headers."""


@dataclass(frozen=True, slots=True)
class TopicSettings:
    """What decides when an erased value's bytes leave Kafka's files, and how many brokers keep a copy."""

    replication: int = 1
    compaction_lag_ms: int = 3_600_000
    delete_retention_ms: int = 7 * 24 * 3_600_000

    @property
    def in_sync(self) -> int:
        """How many brokers must have a record before it counts as written."""
        return 2 if self.replication >= 3 else 1

    def as_configs(self) -> dict[str, str]:
        """The topic's configuration."""
        return {
            "cleanup.policy": "compact",
            "max.compaction.lag.ms": str(self.compaction_lag_ms),
            "delete.retention.ms": str(self.delete_retention_ms),
            "min.insync.replicas": str(self.in_sync),
            "unclean.leader.election.enable": "false",
        }

    def faults(self, configs: Mapping[str, str]) -> dict[str, str]:
        """What is unsafe in a topic's effective configuration: the setting's name, and what is there and needed.

        A stricter value than ours is no fault: whoever runs Kafka may keep tombstones longer.
        """
        rules: dict[str, tuple[Callable[[str], bool], str]] = {
            "cleanup.policy": (lambda value: value == "compact", "compact"),
            "max.compaction.lag.ms": (
                lambda value: int(value) <= self.compaction_lag_ms,
                f"at most {self.compaction_lag_ms}",
            ),
            "delete.retention.ms": (
                lambda value: int(value) >= self.delete_retention_ms,
                f"at least {self.delete_retention_ms}",
            ),
            "min.insync.replicas": (lambda value: int(value) >= self.in_sync, f"at least {self.in_sync}"),
            "unclean.leader.election.enable": (lambda value: value == "false", "false"),
            "max.message.bytes": (lambda value: int(value) >= _SMALLEST_LIMIT, f"at least {_SMALLEST_LIMIT}"),
        }
        return {
            name: f"{name} is {configs.get(name, 'unknown')}; needed is {needed}"
            for name, (holds, needed) in rules.items()
            if name not in configs or not holds(configs[name])
        }


@dataclass(frozen=True, slots=True)
class Applied:
    """Which topics were made, and which were there and got our configuration."""

    made: tuple[str, ...] = ()
    configured: tuple[str, ...] = ()
