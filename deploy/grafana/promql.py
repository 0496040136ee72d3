"""Queries and panels that many dashboards have in common."""

from typing import Final

from deploy.grafana.panels import Panel, Query, Unit

_NO_PROBES: Final = 'route!~"/health/.*|/metrics"'
_QUICK: Final = 'route!~"/health/.*|/metrics|.*/rounds|.*/report.*|.*:batch"'


def error_share(by: str, where: str) -> str:
    """The share of requests answered with 500 to 599; 0 also where there never was such an answer."""
    chosen = ",".join(filter(None, (where, _NO_PROBES)))
    good = f'sum by ({by}) (rate(tueroeffner_web_requests_total{{{chosen},status!="5xx"}}[$__rate_interval]))'
    every = f"sum by ({by}) (rate(tueroeffner_web_requests_total{{{chosen}}}[$__rate_interval]))"
    return f"1 - {good} / {every}"


def percentile(by: str, where: str, quantile: float = 0.95) -> str:
    """How long requests take that should be quick."""
    chosen = ",".join(filter(None, (where, _QUICK)))
    bucket = f"rate(tueroeffner_web_request_duration_seconds_bucket{{{chosen}}}[$__rate_interval])"
    return f"histogram_quantile({quantile}, sum by ({by}, le) ({bucket}))"


def one(
    title: str, description: str, unit: Unit, expr: str, legend: str, *, red: float | None = None, kind: str = "lines"
) -> Panel:
    """A panel of one query."""
    return Panel(
        title, description, unit, (Query(expr, legend),), red=red, kind="stat" if kind == "stat" else "timeseries"
    )


def rate(metric: str, service: str, by: str, where: str = "") -> str:
    """What a service counts in a second."""
    chosen = ",".join(filter(None, (f'service="{service}"', where)))
    return f"sum by ({by}) (rate(tueroeffner_{metric}{{{chosen}}}[$__rate_interval]))"


def gauge(metric: str, service: str, by: str = "service") -> str:
    """A gauge of a service; of several replicas the highest."""
    return f'max by ({by}) (tueroeffner_{metric}{{service="{service}"}})'


def quantile(metric: str, service: str, by: str, where: str = "") -> str:
    """The 95th percentile of a service's histogram."""
    chosen = ",".join(filter(None, (f'service="{service}"', where)))
    groups = f"{by}, le" if by else "le"
    bucket = f"rate(tueroeffner_{metric}_bucket{{{chosen}}}[$__rate_interval])"
    return f"histogram_quantile(0.95, sum by ({groups}) ({bucket}))"
