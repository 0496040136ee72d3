"""Names, kinds and labels of metrics come from one list, and no label can hold a person."""

import re
from pathlib import Path

import pytest
from prometheus_client import generate_latest

from shared.observability import logs
from shared.observability import metrics as names
from shared.observability.metrics import CATALOGUE, Metrics, metrics_markdown

ROOT = Path(__file__).parents[3]
# Whoever needs another label adds it here, and thereby says that it names no person.
HARMLESS = frozenset({
    "cause", "city", "code", "job", "kind", "method", "outcome", "partition", "programme", "result", "route", "status",
    "topic",
})  # fmt: skip


def test_every_metric_has_a_name_of_the_project_a_meaning_and_harmless_labels() -> None:
    assert len(CATALOGUE) > 20
    assert len({metric.name for metric in CATALOGUE}) == len(CATALOGUE)
    for metric in CATALOGUE:
        assert re.fullmatch(r"tueroeffner_[a-z]+(_[a-z]+)+", metric.name), metric.name
        assert metric.name.endswith("_total") == (metric.kind == "counter"), metric.name
        assert metric.help.endswith("."), metric.name
        assert set(metric.labels) <= HARMLESS, metric.name


def test_metrics_show_service_and_labels() -> None:
    metrics = Metrics("visits")
    metrics.count(names.VISITS_LOGGED, city="rostock", kind="home_visit")
    metrics.count(names.VISITS_LOGGED, 2, city="rostock", kind="home_visit")
    metrics.set(names.OUTBOX_PENDING, 4)
    metrics.move(names.OUTBOX_PENDING, -1)
    metrics.observe(names.TRANSACTION_SECONDS, 0.3)
    shown = generate_latest(metrics.registry).decode()
    assert 'tueroeffner_visits_logged_total{city="rostock",kind="home_visit",service="visits"} 3.0' in shown
    assert 'tueroeffner_messaging_outbox_pending{service="visits"} 3.0' in shown
    assert 'tueroeffner_storage_transaction_duration_seconds_count{service="visits"} 1.0' in shown


def test_watched_gauge_is_read_with_each_scrape() -> None:
    metrics = Metrics("visits")
    values = iter([1.0, 2.0])
    metrics.watch(names.PROGRESS_AGE, lambda: next(values))
    assert b'progress_age_seconds{service="visits"} 1.0' in generate_latest(metrics.registry)
    assert b'progress_age_seconds{service="visits"} 2.0' in generate_latest(metrics.registry)


def test_dropped_log_keys_are_shown_from_the_start() -> None:
    shown = generate_latest(Metrics("visits").registry).decode()
    assert f'tueroeffner_observability_log_keys_dropped{{service="visits"}} {float(logs.dropped_keys)}' in shown


def test_counters_whose_labels_are_known_are_shown_from_the_start() -> None:
    shown = generate_latest(Metrics("visits").registry).decode()
    assert 'tueroeffner_messaging_producer_rebuilds_total{service="visits"} 0.0' in shown
    assert 'tueroeffner_storage_transactions_total{outcome="failed",service="visits"} 0.0' in shown
    assert "tueroeffner_messaging_sent_total{" not in shown, "its topics are not known"
    assert "process_resident_memory_bytes" in shown


def test_refusals_are_counted_by_every_code_that_there_is() -> None:
    raised: dict[str, set[str]] = {"TokenRefused": set(), "Forbidden": set(), "Invisible": set()}
    for room in ("shared", "services"):
        for file in (ROOT / room).rglob("*.py"):
            for kind, code in re.findall(r"\b(TokenRefused|Forbidden|Invisible)\(\"([a-z-]+)\"", file.read_text()):
                raised[kind].add(code)
    assert raised["TokenRefused"] == set(names.TOKENS_REFUSED.values)
    assert raised["Forbidden"] | raised["Invisible"] == set(names.ACCESS_DENIED.values)


def test_closed_label_says_nothing_else() -> None:
    with pytest.raises(ValueError, match="says one of"):
        Metrics("visits").count(names.WAKEUPS, cause="per_someone")


def test_metric_refuses_another_kind_or_other_labels() -> None:
    metrics = Metrics("visits")
    with pytest.raises(TypeError):
        metrics.set(names.REPLAYS, 1)
    with pytest.raises(TypeError):
        metrics.count(names.OUTBOX_PENDING)
    with pytest.raises(ValueError, match="labels"):
        metrics.count(names.SENT, topic="t", city="rostock")
    with pytest.raises(KeyError):
        metrics.count(names.SENT)


def test_reference_page_names_every_metric() -> None:
    page = metrics_markdown()
    assert all(f"`{metric.name}`" in page for metric in CATALOGUE)
