"""Visits, wired: the only place that builds; no rules."""

from pathlib import Path

from services.visits.api import ROUTERS
from services.visits.api.together import LOGGER, VisitLogger
from services.visits.commands.erasures import forget_subject
from services.visits.projections import PROJECTIONS
from services.visits.store import LAYOUT
from shared.messaging.forgetting import FORGET
from shared.runtime.service import Service

SERVICE = Service(
    name="visits",
    title="Besuche und Anfragen",
    layout=LAYOUT,
    routers=ROUTERS,
    projections=PROJECTIONS,
    reactions={FORGET: forget_subject},
    extend=lambda store: {LOGGER: VisitLogger(store)},
    words=Path(__file__).parent / "locale",
)
