"""Visits, wired: the only place that builds; no rules."""

from services.visits.api import ROUTERS
from services.visits.commands.erasures import forget_subject
from services.visits.projections import PROJECTIONS
from services.visits.store.repositories import LAYOUT
from shared.runtime.service import Service

SERVICE = Service(
    name="visits",
    title="Besuche und Anfragen",
    layout=LAYOUT,
    routers=ROUTERS,
    projections=PROJECTIONS,
    reactions={"forget-subject": forget_subject},
)
