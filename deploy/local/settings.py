"""The values that decide how MongoDB and Kafka recover and forget, here and in containers alike.

A field's name is the component's own word for it: `broker_session_timeout_ms` is the broker's
`broker.session.timeout.ms` and a container's `KAFKA_BROKER_SESSION_TIMEOUT_MS`.
"""

from dataclasses import dataclass, fields

LOOPBACK = "127.0.0.1"
REPLICA_SET = "tueroeffner"


@dataclass(frozen=True, slots=True)
class BrokerSettings:
    """Kafka: what every broker of ours is started with."""

    # How long a dead broker goes unnoticed is how long writes stand still.
    broker_session_timeout_ms: int = 2000
    broker_heartbeat_interval_ms: int = 500
    replica_lag_time_max_ms: int = 3000
    controller_quorum_fetch_timeout_ms: int = 1000
    controller_quorum_election_timeout_ms: int = 500
    # An answer once given is never taken back.
    unclean_leader_election_enable: bool = False
    # Topics are made by one step; a misspelt name must fail.
    auto_create_topics_enable: bool = False
    # Erased values have to leave the files soon.
    log_cleaner_backoff_ms: int = 1000
    log_segment_delete_delay_ms: int = 1000
    # The default buffer of 128 MiB does not fit into a small heap.
    log_cleaner_dedupe_buffer_size: int = 4 * 1024 * 1024
    offsets_retention_minutes: int = 60 * 24 * 30
    group_initial_rebalance_delay_ms: int = 0
    offsets_topic_num_partitions: int = 1
    transaction_state_log_num_partitions: int = 1
    share_coordinator_state_topic_num_partitions: int = 1

    def properties(self, nodes: int) -> dict[str, str]:
        """Broker properties by their Kafka names, replication included, for a cluster of `nodes`."""
        own = {field.name.replace("_", "."): _text(getattr(self, field.name)) for field in fields(self)}
        return own | replication(nodes)


def replication(nodes: int) -> dict[str, str]:
    """How many copies are kept and how many must have a record before it counts as written."""
    copies, in_sync = str(min(nodes, 3)), str(2 if nodes >= 3 else 1)
    return {
        "default.replication.factor": copies,
        "min.insync.replicas": in_sync,
        "offsets.topic.replication.factor": copies,
        "transaction.state.log.replication.factor": copies,
        "transaction.state.log.min.isr": in_sync,
        "share.coordinator.state.topic.replication.factor": copies,
        "share.coordinator.state.topic.min.isr": in_sync,
    }


def container_variable(broker_property: str) -> str:
    """The environment variable by which Kafka's own container image takes a broker property."""
    return "KAFKA_" + broker_property.replace(".", "_").upper()


@dataclass(frozen=True, slots=True)
class MongodSettings:
    """MongoDB: what every member of our replica sets is started and configured with."""

    # A process that dies inside a transaction leaves its locks for this long.
    transaction_lifetime_limit_seconds: int = 3
    # Clients are told to go at once; nobody needs the default of fifteen seconds to leave.
    shutdown_timeout_millis_for_signaled_shutdown: int = 500
    election_timeout_millis: int = 2000
    heartbeat_interval_millis: int = 500
    cache_size_gb: float = 0.25
    oplog_size_mb: int = 256

    def arguments(self) -> list[str]:
        """Command-line arguments of mongod that are the same wherever it runs."""
        return [
            "--replSet",
            REPLICA_SET,
            "--wiredTigerCacheSizeGB",
            str(self.cache_size_gb),
            "--oplogSize",
            str(self.oplog_size_mb),
            "--noscripting",
            "--setParameter",
            f"transactionLifetimeLimitSeconds={self.transaction_lifetime_limit_seconds}",
            "--setParameter",
            f"shutdownTimeoutMillisForSignaledShutdown={self.shutdown_timeout_millis_for_signaled_shutdown}",
        ]

    def replica_set(self, hosts: list[str]) -> dict[str, object]:
        """The replica set's configuration with these members, `host:port` each."""
        return {
            "_id": REPLICA_SET,
            "version": 1,
            "members": [{"_id": index, "host": host} for index, host in enumerate(hosts)],
            "settings": {
                "electionTimeoutMillis": self.election_timeout_millis,
                "heartbeatIntervalMillis": self.heartbeat_interval_millis,
            },
        }


@dataclass(frozen=True, slots=True)
class JavaSettings:
    """The Java machine of a local broker: quick to start and small, not fast for hours."""

    heap_mb: int = 128

    def arguments(self) -> list[str]:
        """Arguments of `java` before the class path."""
        return [f"-Xms{self.heap_mb // 2}m", f"-Xmx{self.heap_mb}m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"]


@dataclass(frozen=True, slots=True)
class Patience:
    """How long the local stack waits for its components, in seconds."""

    ready: float = 60.0
    graceful_stop: float = 8.0
    killed: float = 5.0
    poll: float = 0.02


BROKER = BrokerSettings()
MONGOD = MongodSettings()
JAVA = JavaSettings()
PATIENCE = Patience()


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
