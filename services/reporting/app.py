"""Reporting, wired: the only place that builds; no rules."""

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from services.reporting.api import ROUTERS
from services.reporting.api.writing import ReportWriter
from services.reporting.commands.forget import forget_subject
from services.reporting.projections import PROJECTIONS
from services.reporting.store import LAYOUT
from shared.messaging.forgetting import FORGET
from shared.runtime.service import Service
from shared.storage.store import Store


def extend(store: Store) -> Mapping[str, Any]:
    """The process that writes files."""
    return {"writer": ReportWriter(time.perf_counter)}


SERVICE = Service(
    name="reporting",
    title="Zahlen und Berichte",
    layout=LAYOUT,
    routers=ROUTERS,
    projections=PROJECTIONS,
    reactions={FORGET: forget_subject},
    words=Path(__file__).parent / "locale",
    extend=extend,
)
