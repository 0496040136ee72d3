"""The rows that every service's dashboard has: requests, store, events out, events in, process."""

from deploy.grafana.events import events_in, events_out, set_aside
from deploy.grafana.panels import Panel, Query, Row
from deploy.grafana.promql import error_share, gauge, one, quantile, rate


def jobs(service: str) -> Row:
    """For services that have jobs at their start or at night."""
    me = f'{{service="{service}"}}'
    return Row(
        "Jobs",
        (
            one(
                "Last success",
                "Those of the night should not be older than a day.",
                "dateTimeAsIso",
                f"max by (job) (tueroeffner_storage_job_last_success_timestamp_seconds{me}) * 1000",
                "{{job}}",
                kind="stat",
            ),
            one(
                "Duration",
                "The mean of the runs since the service started.",
                "s",
                f"sum by (job) (tueroeffner_storage_job_duration_seconds_sum{me}) / "
                f"sum by (job) (tueroeffner_storage_job_duration_seconds_count{me})",
                "{{job}}",
            ),
            one(
                "Runs",
                "What failed is begun again after a minute.",
                "short",
                f"sum by (job, outcome) (increase(tueroeffner_storage_jobs_total{me}[1d]))",
                "{{job}} {{outcome}}",
            ),
        ),
    )


def common(service: str) -> tuple[Row, ...]:
    """The rows of one service."""
    return (
        _requests(service),
        _callers(service),
        _store(service),
        events_out(service),
        events_in(service),
        set_aside(service),
        _process(service),
    )


def _requests(name: str) -> Row:
    city = 'city=~"$city"'
    return Row(
        "Requests",
        (
            one(
                "Requests by route",
                "Of the cities chosen above, in a second.",
                "reqps",
                rate("web_requests_total", name, "method, route", city),
                "{{method}} {{route}}",
            ),
            one(
                "Errors by route",
                "Share answered with 500 to 599. `(no route)` did not get as far as one: MongoDB was away.",
                "percentunit",
                error_share("method, route", f'service="{name}"'),
                "{{method}} {{route}}",
                red=0.05,
            ),
            one(
                "Duration by route, 95th percentile",
                "Of the cities chosen above.",
                "s",
                quantile("web_request_duration_seconds", name, "method, route", city),
                "{{method}} {{route}}",
                red=1,
            ),
        ),
    )


def _callers(name: str) -> Row:
    return Row(
        "Callers",
        (
            one(
                "Answers by status",
                "Many 4xx: a client does not understand us, or somebody tries doors.",
                "reqps",
                rate("web_requests_total", name, "status"),
                "{{status}}",
            ),
            Panel(
                "Refused",
                "Tokens that do not count and grants that do not reach, by code.",
                "reqps",
                (
                    Query(rate("web_tokens_refused_total", name, "code"), "token {{code}}"),
                    Query(rate("web_access_denied_total", name, "code"), "grant {{code}}"),
                ),
            ),
            Panel(
                "Running, and repeats",
                "Requests in progress, and those answered from their idempotency record in a second.",
                "short",
                (
                    Query(gauge("web_requests_running", name), "running"),
                    Query(rate("web_replays_total", name, "service"), "repeats/s"),
                ),
            ),
        ),
    )


def _store(name: str) -> Row:
    return Row(
        "Store",
        (
            one(
                "Transactions by outcome",
                "Many `retried`: changes meet on the same documents. `failed`: MongoDB is away or too slow.",
                "ops",
                rate("storage_transactions_total", name, "outcome"),
                "{{outcome}}",
            ),
            one(
                "Transaction, 95th percentile",
                "What MongoDB takes of a change, with its retries.",
                "s",
                quantile("storage_transaction_duration_seconds", name, ""),
                "95 %",
            ),
            one(
                "Look-ups of keys",
                "`miss` asks MongoDB; many of them after a start or an erasure are normal.",
                "ops",
                rate("storage_key_lookups_total", name, "result"),
                "{{result}}",
            ),
            one(
                "Audit rows not chained, by city",
                "Age of the oldest. Alert AuditUnchained above 60 s.",
                "s",
                gauge("storage_audit_unchained_oldest_seconds", name, "city"),
                "{{city}}",
                red=60,
            ),
        ),
    )


def _process(name: str) -> Row:
    me = f'{{service="{name}"}}'
    return Row(
        "Process",
        (
            one(
                "Processor",
                "1 is all that one process can use.",
                "percentunit",
                f"rate(process_cpu_seconds_total{me}[$__rate_interval])",
                "{{instance}}",
                red=0.9,
            ),
            one("Memory", "Resident.", "bytes", f"process_resident_memory_bytes{me}", "{{instance}}"),
            Panel(
                "Files and log",
                "Open files, and log keys dropped since the start: something logs what is not on the list.",
                "short",
                (
                    Query(f"process_open_fds{me}", "open files {{instance}}"),
                    Query(gauge("observability_log_keys_dropped", name), "log keys dropped"),
                ),
            ),
        ),
    )
