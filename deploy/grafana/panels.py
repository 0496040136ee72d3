"""Dashboards as plain data: rows of panels, laid out in three columns, written as Grafana reads them."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

SOURCE: Final = {"type": "prometheus", "uid": "${datasource}"}
"""Every panel asks the source that is chosen above the dashboard."""
_COLUMNS: Final = 3
_WIDTH: Final = 24 // _COLUMNS
_HEIGHT: Final = 8
_SCHEMA: Final = 39

Unit = Literal["s", "reqps", "ops", "percentunit", "short", "bytes", "dateTimeAsIso"]


@dataclass(frozen=True, slots=True)
class Query:
    """A PromQL expression and how its series are named."""

    expr: str
    legend: str


@dataclass(frozen=True, slots=True)
class Panel:
    """A picture of one thing. ``description`` says what is good and what is not; ``red`` where it turns red."""

    title: str
    description: str
    unit: Unit
    queries: tuple[Query, ...]
    red: float | None = None
    kind: Literal["timeseries", "stat"] = "timeseries"


@dataclass(frozen=True, slots=True)
class Row:
    """Panels under one heading."""

    title: str
    panels: tuple[Panel, ...]


@dataclass(frozen=True, slots=True)
class Board:
    """A dashboard. With ``cities`` there is a choice of cities above it, ``$city`` in its queries."""

    uid: str
    title: str
    rows: tuple[Row, ...]
    cities: bool = False


def written(board: Board) -> str:
    """The dashboard's file."""
    return json.dumps(_document(board), ensure_ascii=False, indent=1) + "\n"


def _document(board: Board) -> dict[str, Any]:
    return {
        "uid": board.uid,
        "title": board.title,
        "tags": ["tueroeffner"],
        "schemaVersion": _SCHEMA,
        "editable": False,
        "refresh": "30s",
        "time": {"from": "now-6h", "to": "now"},
        "timezone": "browser",
        "templating": {"list": [_source_variable(), *([_city_variable()] if board.cities else [])]},
        "annotations": {"list": []},
        "links": [{"type": "dashboards", "title": "Türöffner", "tags": ["tueroeffner"], "asDropdown": True}],
        "panels": _laid_out(board.rows),
    }


def _source_variable() -> dict[str, Any]:
    return {"name": "datasource", "label": "Source", "type": "datasource", "query": "prometheus"}


def _city_variable() -> dict[str, Any]:
    return {
        "name": "city",
        "label": "City",
        "type": "query",
        "datasource": SOURCE,
        "query": 'label_values(tueroeffner_web_requests_total{city!=""}, city)',
        "refresh": 2,
        "sort": 1,
        "multi": True,
        "includeAll": True,
        "allValue": ".+",
        "current": {"text": ["All"], "value": ["$__all"]},
    }


def _laid_out(rows: Sequence[Row]) -> list[dict[str, Any]]:
    panels: list[dict[str, Any]] = []
    y = 0
    for row in rows:
        place = {"x": 0, "y": y, "w": 24, "h": 1}
        panels.append({"id": len(panels) + 1, "type": "row", "title": row.title, "gridPos": place, "panels": []})
        y += 1
        for number, panel in enumerate(row.panels):
            line, column = divmod(number, _COLUMNS)
            place = {"x": column * _WIDTH, "y": y + line * _HEIGHT, "w": _WIDTH, "h": _HEIGHT}
            panels.append({"id": len(panels) + 1, "gridPos": place, **_panel(panel)})
        y += -(-len(row.panels) // _COLUMNS) * _HEIGHT
    return panels


def _panel(panel: Panel) -> dict[str, Any]:
    steps: list[dict[str, Any]] = [{"color": "green", "value": None}]
    if panel.red is not None:
        steps.append({"color": "red", "value": panel.red})
    custom = {} if panel.kind == "stat" or panel.red is None else {"custom": {"thresholdsStyle": {"mode": "line"}}}
    return {
        "type": panel.kind,
        "title": panel.title,
        "description": panel.description,
        "datasource": SOURCE,
        "fieldConfig": {
            "defaults": {"unit": panel.unit, "min": 0, "thresholds": {"mode": "absolute", "steps": steps}, **custom},
            "overrides": [],
        },
        "targets": [
            {"refId": chr(ord("A") + number), "datasource": SOURCE, "expr": query.expr, "legendFormat": query.legend}
            for number, query in enumerate(panel.queries)
        ],
    }
