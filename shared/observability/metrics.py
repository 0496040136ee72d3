"""Every metric's name, kind and meaning in one list; no label ever holds a person."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector

from shared.observability import logs

PREFIX = "tueroeffner_"
_FAST = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_SLOW = (0.01, 0.05, 0.1, 0.5, 1.0, 2.0, 5.0, 15.0, 60.0, 300.0)


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric: ``tueroeffner_<floor>_<noun>_<unit>``, what it means, and its labels besides ``service``.

    ``values`` close the list of what its only label may say.
    """

    name: str
    kind: Literal["counter", "gauge", "histogram"]
    help: str
    labels: tuple[str, ...] = ()
    buckets: tuple[float, ...] = _FAST
    values: tuple[str, ...] = ()


def _metric(kind: Literal["counter", "gauge", "histogram"], name: str, meaning: str, *labels: str) -> Metric:
    return Metric(PREFIX + name, kind, meaning, labels)


def _outcomes(name: str, meaning: str, label: str, *values: str) -> Metric:
    """A counter with a label that says one of a few things; each is shown from the start."""
    return Metric(PREFIX + name, "counter", meaning, (label,), values=values)


REQUESTS = _metric(
    "counter",
    "web_requests_total",
    "Requests answered, by route template; the city where the path names one that is served.",
    "method",
    "route",
    "status",
    "city",
)
REQUEST_SECONDS = _metric(
    "histogram",
    "web_request_duration_seconds",
    "Seconds from a request's headers to the end of its answer.",
    "method",
    "route",
    "status",
    "city",
)
REQUESTS_RUNNING = _metric("gauge", "web_requests_running", "Requests in progress.")
TOKENS_REFUSED = _outcomes(
    "web_tokens_refused_total", "Requests with a token that does not count.", "code", "token-expired", "token-refused"
)
ACCESS_DENIED = _outcomes(
    "web_access_denied_total",
    "Requests refused for want of a grant.",
    "code",
    "address-protected",
    "not-found",
    "outside-your-grants",
    "role-not-enough",
)
REPLAYS = _metric("counter", "web_replays_total", "Repeated requests answered from their idempotency record.")
LOG_KEYS_DROPPED = _metric(
    "gauge", "observability_log_keys_dropped", "Log keys dropped since the start: not on the list."
)

TRANSACTIONS = _outcomes(
    "storage_transactions_total",
    "Transactions committed, abandoned by their own body, or failed; and attempts that had to begin again (retried).",
    "outcome",
    "committed",
    "abandoned",
    "failed",
    "retried",
)
TRANSACTION_SECONDS = _metric("histogram", "storage_transaction_duration_seconds", "Seconds of a unit of work.")
AUDIT_UNCHAINED_SECONDS = _metric(
    "gauge", "storage_audit_unchained_oldest_seconds", "Age of the oldest audit row that is not chained.", "city"
)
JOBS = _metric(
    "counter", "storage_jobs_total", "Jobs at the start, of the night and of every minute that ran.", "job", "outcome"
)
JOB_LAST_SUCCESS = _metric(
    "gauge", "storage_job_last_success_timestamp_seconds", "When the job was last done (seconds since 1970).", "job"
)
JOB_SECONDS = Metric(PREFIX + "storage_job_duration_seconds", "histogram", "Seconds of a job.", ("job",), _SLOW)
KEY_CACHE = _outcomes(
    "storage_key_lookups_total", "Look-ups of a subject's key, by hit or miss.", "result", "hit", "miss"
)

OUTBOX_PENDING = _metric("gauge", "messaging_outbox_pending", "Outbox rows that Kafka has not acknowledged.")
OUTBOX_OLDEST = _metric("gauge", "messaging_outbox_oldest_seconds", "Age of the oldest such row.")
OUTBOX_STUCK = _metric("gauge", "messaging_outbox_stuck", "Of these rows, those that Kafka refused for good.")
WAKEUPS = _outcomes(
    "messaging_wakeups_total", "Wake-ups of the relay, by cause.", "cause", "stream", "sweep", "failure"
)
PRODUCER_REBUILDS = _metric("counter", "messaging_producer_rebuilds_total", "Producers dropped and made anew.")
SENT = _metric("counter", "messaging_sent_total", "Records that Kafka acknowledged.", "topic")
RECORDS = _metric("counter", "messaging_records_total", "Records handled and committed.", "topic")
EVENT_AGE = Metric(
    PREFIX + "messaging_event_age_seconds",
    "histogram",
    "Seconds from a record's arrival in Kafka to its effect here; of each batch the oldest record of a partition.",
    ("topic",),
    _SLOW,
)
BATCHES = _outcomes(
    "messaging_batches_total",
    "Polls that brought something: applied, put back to be tried again, or tried record by record.",
    "outcome",
    "applied",
    "put_back",
    "one_by_one",
)
BATCH_SECONDS = _metric("histogram", "messaging_batch_duration_seconds", "Seconds of handling what a poll brought.")
CONSUMER_REBUILDS = _metric("counter", "messaging_consumer_rebuilds_total", "Consumers dropped and made anew.")
LAG = _metric("gauge", "messaging_lag_messages", "Records between the position and the end.", "topic", "partition")
PROGRESS_AGE = _metric("gauge", "messaging_progress_age_seconds", "Seconds since the consumer's last poll ended.")
DEAD_LETTERS = _metric("gauge", "messaging_dead_letters", "Records kept as dead letters.")
PARKED = _metric("gauge", "messaging_parked", "Records parked behind a dead letter of their key.")
REACTIONS_WAITING = _metric("gauge", "messaging_reactions_waiting", "Reactions that have not run yet.")
REACTIONS_GIVEN_UP = _metric(
    "gauge", "messaging_reactions_given_up", "Of these, those that failed so often that an operator must look."
)

GAUGES_AGE = _metric(
    "gauge", "runtime_gauges_age_seconds", "Seconds since the gauges were last measured; grows while MongoDB is away."
)

VISITS_LOGGED = _metric("counter", "visits_logged_total", "Visits logged.", "city", "kind")
FAMILIES_WAITING = _metric("gauge", "matching_families_waiting", "Families that wait.", "city", "programme")
ROUND_SECONDS = Metric(
    PREFIX + "matching_round_duration_seconds", "histogram", "Seconds of a matching round.", ("city",), _SLOW
)
REPORT_SECONDS = Metric(
    PREFIX + "reporting_report_duration_seconds", "histogram", "Seconds of making a report.", ("city",), _SLOW
)

CATALOGUE: tuple[Metric, ...] = tuple(value for value in list(globals().values()) if isinstance(value, Metric))


class Metrics:
    """The metrics of one process in one registry.

    Counters whose labels are known are shown from the start, so that their first change is seen as one; any other
    metric appears with its first value. Beside them are the process's own: memory, processor, open files.
    """

    def __init__(self, service: str, registry: CollectorRegistry | None = None) -> None:
        self.service = service
        self.registry = registry if registry is not None else CollectorRegistry()
        self._families: dict[str, Counter | Gauge | Histogram] = {}
        self._children: dict[tuple[str, tuple[str, ...]], Counter | Gauge | Histogram] = {}
        self.watch(LOG_KEYS_DROPPED, lambda: logs.dropped_keys)
        ProcessCollector(registry=self.registry)
        for metric in CATALOGUE:
            for labels in _known_labels(metric):
                self.count(metric, 0, **labels)

    def count(self, metric: Metric, amount: float = 1, **labels: str) -> None:
        """Adds to a counter."""
        child = self._child(metric, labels)
        if not isinstance(child, Counter):
            raise TypeError(f"{metric.name} is no counter")
        child.inc(amount)

    def set(self, metric: Metric, value: float, **labels: str) -> None:
        """Sets a gauge."""
        self._gauge(metric, labels).set(value)

    def move(self, metric: Metric, by: float, **labels: str) -> None:
        """Moves a gauge up or down."""
        self._gauge(metric, labels).inc(by)

    def watch(self, metric: Metric, read: Callable[[], float], **labels: str) -> None:
        """A gauge that is read with each scrape; ``read`` must not block."""
        self._gauge(metric, labels).set_function(read)

    def observe(self, metric: Metric, value: float, **labels: str) -> None:
        """Adds one value to a histogram."""
        child = self._child(metric, labels)
        if not isinstance(child, Histogram):
            raise TypeError(f"{metric.name} is no histogram")
        child.observe(value)

    def _gauge(self, metric: Metric, labels: dict[str, str]) -> Gauge:
        child = self._child(metric, labels)
        if not isinstance(child, Gauge):
            raise TypeError(f"{metric.name} is no gauge")
        return child

    def _child(self, metric: Metric, labels: dict[str, str]) -> Counter | Gauge | Histogram:
        values = tuple(labels[name] for name in metric.labels)
        child = self._children.get((metric.name, values))
        if child is None:
            if len(labels) != len(metric.labels):
                raise ValueError(f"{metric.name} has the labels {metric.labels}")
            if metric.values and values[0] not in metric.values:
                raise ValueError(f"{metric.name} says one of {metric.values}")
            child = self._family(metric).labels(self.service, *values)
            self._children[metric.name, values] = child
        return child

    def _family(self, metric: Metric) -> Counter | Gauge | Histogram:
        family = self._families.get(metric.name)
        if family is None:
            names = ("service", *metric.labels)
            if metric.kind == "counter":
                family = Counter(metric.name, metric.help, names, registry=self.registry)
            elif metric.kind == "gauge":
                family = Gauge(metric.name, metric.help, names, registry=self.registry)
            else:
                family = Histogram(metric.name, metric.help, names, registry=self.registry, buckets=metric.buckets)
            self._families[metric.name] = family
        return family


def _known_labels(metric: Metric) -> list[dict[str, str]]:
    """The labels of a counter, where they are known before anything was counted."""
    if metric.kind != "counter":
        return []
    if not metric.labels:
        return [{}]
    return [{metric.labels[0]: value} for value in metric.values]


def metrics_markdown() -> str:
    """The reference page of all metrics."""
    head = "# Metrics\n\nEvery metric also has the label `service`. No label holds a person.\n\n"
    table = "| name | kind | labels | meaning |\n| --- | --- | --- | --- |\n"
    rows = [
        f"| `{metric.name}` | {metric.kind} | {', '.join(f'`{label}`' for label in metric.labels)} | {metric.help} |\n"
        for metric in sorted(CATALOGUE, key=lambda metric: metric.name)
    ]
    return head + table + "".join(rows)
