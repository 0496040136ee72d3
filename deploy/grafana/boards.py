"""What is on the dashboards: an overview with the cities side by side, and one dashboard for each service."""

from typing import Final

from deploy.grafana.common import common, jobs
from deploy.grafana.panels import Board, Panel, Query, Row, written
from deploy.grafana.promql import error_share, percentile
from deploy.services import SERVICES

FOLDER: Final = "deploy/grafana/dashboards"
_CITY: Final = 'city=~"$city"'


def _by_city(expr: str) -> Query:
    return Query(expr, "{{city}}")


def _by_service(expr: str) -> Query:
    return Query(expr, "{{service}}")


_SERVICES = Row(
    "Services",
    (
        Panel(
            "Services that answer",
            "1 answers, 0 does not. Alert ServiceDown.",
            "short",
            (_by_service('max by (service) (up{job="tueroeffner"})'),),
            kind="stat",
        ),
        Panel(
            "Alerts that fire",
            "Each has a page under docs/runbooks.",
            "short",
            (Query('count(ALERTS{alertstate="firing"}) or vector(0)', "firing"),),
            red=1,
            kind="stat",
        ),
        Panel(
            "Age of the gauges",
            "Grows while a service does not reach MongoDB. Alert StoreAway above 30 s.",
            "s",
            (_by_service("max by (service) (tueroeffner_runtime_gauges_age_seconds)"),),
            red=30,
        ),
        Panel(
            "Requests",
            "Requests answered in a second.",
            "reqps",
            (_by_service("sum by (service) (rate(tueroeffner_web_requests_total[$__rate_interval]))"),),
        ),
        Panel(
            "Errors",
            "Share of requests answered with 500 to 599; probes are left out. Alert ErrorRate above 5 %.",
            "percentunit",
            (_by_service(error_share("service", "")),),
            red=0.05,
        ),
        Panel(
            "Duration, 95th percentile",
            "Without rounds, reports and batches. Alert Slow above 1 s.",
            "s",
            (_by_service(percentile("service", "")),),
            red=1,
        ),
    ),
)
_CITIES = Row(
    "Cities side by side",
    (
        Panel(
            "Requests by city",
            "Requests answered in a second, in all services.",
            "reqps",
            (_by_city(f"sum by (city) (rate(tueroeffner_web_requests_total{{{_CITY}}}[$__rate_interval]))"),),
        ),
        Panel(
            "Errors by city",
            "One city alone: look at what was done there last.",
            "percentunit",
            (_by_city(error_share("city", _CITY)),),
            red=0.05,
        ),
        Panel(
            "Duration by city, 95th percentile",
            "One city alone is slow: it has more data than the others, or is being imported.",
            "s",
            (_by_city(percentile("city", _CITY)),),
            red=1,
        ),
        Panel(
            "Visits logged in the last day",
            "None on a working day: phones do not get through.",
            "short",
            (_by_city(f"sum by (city) (increase(tueroeffner_visits_logged_total{{{_CITY}}}[1d]))"),),
        ),
        Panel(
            "Families waiting",
            "After the last round of each programme.",
            "short",
            (_by_city(f"sum by (city) (tueroeffner_matching_families_waiting{{{_CITY}}})"),),
        ),
        Panel(
            "Audit rows not chained",
            "Age of the oldest. Alert AuditUnchained above 60 s.",
            "s",
            (_by_city(f"max by (city) (tueroeffner_storage_audit_unchained_oldest_seconds{{{_CITY}}})"),),
            red=60,
        ),
    ),
)
_EVENTS = Row(
    "Events between the services",
    (
        Panel(
            "Oldest change not told",
            "Milliseconds are normal. Alert OutboxOld above 60 s.",
            "s",
            (_by_service("max by (service) (tueroeffner_messaging_outbox_oldest_seconds)"),),
            red=60,
        ),
        Panel(
            "Records not read yet",
            "What waits in Kafka for each reader.",
            "short",
            (_by_service("sum by (service) (tueroeffner_messaging_lag_messages)"),),
        ),
        Panel(
            "Dead letters and parked records",
            "Should be 0. Alerts DeadLetters and ParkedKeys.",
            "short",
            (
                Query("max by (service) (tueroeffner_messaging_dead_letters)", "{{service}} dead"),
                Query("max by (service) (tueroeffner_messaging_parked)", "{{service}} parked"),
            ),
            red=1,
        ),
    ),
)
OVERVIEW: Final = Board("tueroeffner-overview", "Türöffner: overview", (_SERVICES, _CITIES, _EVENTS), cities=True)

_OWN: Final = {
    "registry": (jobs("registry"),),
    "visits": (
        Row(
            "Visits",
            (
                Panel(
                    "Visits logged by kind",
                    "In an hour.",
                    "short",
                    (Query("sum by (kind) (increase(tueroeffner_visits_logged_total[1h]))", "{{kind}}"),),
                ),
                Panel(
                    "Visits logged by city",
                    "In an hour.",
                    "short",
                    (_by_city(f"sum by (city) (increase(tueroeffner_visits_logged_total{{{_CITY}}}[1h]))"),),
                ),
            ),
        ),
    ),
    "matching": (
        Row(
            "Rounds",
            (
                Panel(
                    "Families waiting by programme",
                    "After the last round of each programme.",
                    "short",
                    (
                        Query(
                            f"max by (city, programme) (tueroeffner_matching_families_waiting{{{_CITY}}})",
                            "{{city}} {{programme}}",
                        ),
                    ),
                ),
                Panel(
                    "Rounds held",
                    "In an hour.",
                    "short",
                    (_by_city("sum by (city) (increase(tueroeffner_matching_round_duration_seconds_count[1h]))"),),
                ),
                Panel(
                    "Seconds of solving, mean",
                    "Grows with mentors times families.",
                    "s",
                    (
                        _by_city(
                            "sum by (city) (increase(tueroeffner_matching_round_duration_seconds_sum[1h])) / "
                            "sum by (city) (increase(tueroeffner_matching_round_duration_seconds_count[1h]))"
                        ),
                    ),
                ),
            ),
        ),
        jobs("matching"),
    ),
    "reporting": (
        Row(
            "Reports",
            (
                Panel(
                    "Reports made",
                    "Files in an hour.",
                    "short",
                    (_by_city("sum by (city) (increase(tueroeffner_reporting_report_duration_seconds_count[1h]))"),),
                ),
                Panel(
                    "Seconds of making one, 95th percentile",
                    "PDF takes longest.",
                    "s",
                    (
                        Query(
                            "histogram_quantile(0.95, sum by (le) "
                            "(rate(tueroeffner_reporting_report_duration_seconds_bucket[1h])))",
                            "95 %",
                        ),
                    ),
                ),
            ),
        ),
    ),
}


def boards() -> tuple[Board, ...]:
    """All dashboards; a service's own rows stand above those that every service has."""
    own = [
        Board(f"tueroeffner-{name}", f"Türöffner: {name}", (*_OWN[name], *common(name)), cities=True)
        for name in SERVICES
    ]
    return (OVERVIEW, *own)


def files() -> dict[str, str]:
    """The generated files by their path below the project's folder."""
    return {f"{FOLDER}/{board.uid.removeprefix('tueroeffner-')}.json": written(board) for board in boards()}
