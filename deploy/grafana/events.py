"""The rows about events: what a service tells, and what it reads."""

from deploy.grafana.panels import Panel, Query, Row
from deploy.grafana.promql import gauge, one, quantile, rate


def events_out(name: str) -> Row:
    """What is told to the other services."""
    return Row(
        "Events out",
        (
            one(
                "Oldest change not told",
                "Milliseconds are normal. Alert OutboxOld above 60 s.",
                "s",
                gauge("messaging_outbox_oldest_seconds", name),
                "oldest",
                red=60,
            ),
            Panel(
                "Outbox rows",
                "`stuck` were refused by Kafka for good, and their keys wait behind them.",
                "short",
                (
                    Query(gauge("messaging_outbox_pending", name), "pending"),
                    Query(gauge("messaging_outbox_stuck", name), "stuck"),
                ),
            ),
            Panel(
                "The relay's work",
                "Wake-ups by cause: `sweep` alone means that the change stream is dead; `failure` that Kafka refuses.",
                "ops",
                (
                    Query(rate("messaging_wakeups_total", name, "cause"), "woken by {{cause}}"),
                    Query(rate("messaging_producer_rebuilds_total", name, "service"), "producers made anew"),
                ),
            ),
            one("Records sent", "By topic.", "ops", rate("messaging_sent_total", name, "topic"), "{{topic}}"),
        ),
    )


def events_in(name: str) -> Row:
    """What is read of the other services."""
    return Row(
        "Events in",
        (
            one(
                "Records not read yet",
                "By topic; should fall to 0.",
                "short",
                f'sum by (topic) (tueroeffner_messaging_lag_messages{{service="{name}"}})',
                "{{topic}}",
            ),
            one(
                "Since the last progress",
                "Alert ConsumerStuck above 60 s.",
                "s",
                gauge("messaging_progress_age_seconds", name),
                "age",
                red=60,
            ),
            one(
                "From Kafka to the effect, 95th percentile",
                "Of each poll the oldest record. Large after a stop or a rebuild.",
                "s",
                quantile("messaging_event_age_seconds", name, "topic"),
                "{{topic}}",
            ),
            one("Records handled", "By topic.", "ops", rate("messaging_records_total", name, "topic"), "{{topic}}"),
        ),
    )


def set_aside(name: str) -> Row:
    """How reading goes, and what could not be handled."""
    return Row(
        "Handling of events",
        (
            Panel(
                "Polls",
                "`put_back` and `one_by_one`: something fails, see the log.",
                "ops",
                (
                    Query(rate("messaging_batches_total", name, "outcome"), "{{outcome}}"),
                    Query(rate("messaging_consumer_rebuilds_total", name, "service"), "consumers made anew"),
                ),
            ),
            one(
                "Handling a poll, 95th percentile",
                "Its transaction and all its projections.",
                "s",
                quantile("messaging_batch_duration_seconds", name, ""),
                "95 %",
            ),
            Panel(
                "Set aside",
                "Should be 0. Alerts DeadLetters, ParkedKeys and ReactionsGivenUp.",
                "short",
                (
                    Query(gauge("messaging_dead_letters", name), "dead letters"),
                    Query(gauge("messaging_parked", name), "parked"),
                    Query(gauge("messaging_reactions_waiting", name), "reactions waiting"),
                    Query(gauge("messaging_reactions_given_up", name), "reactions given up"),
                ),
                red=1,
            ),
        ),
    )
