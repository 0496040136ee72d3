"""Registry, wired: the only place that builds; no rules."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from services.registry.api import ROUTERS
from services.registry.commands.consents import tell_expired_consents
from services.registry.commands.erasures import complete_erasure, resume_erasures
from services.registry.commands.programmes import settle_programme
from services.registry.projections import PROJECTIONS
from services.registry.store.repositories import LAYOUT
from shared.runtime.apart import Apart
from shared.runtime.service import Service
from shared.storage.store import Store


def extend(_: Store) -> Mapping[str, Any]:
    """The process that writes documents."""
    return {"writer": Apart("writer-died")}


SERVICE = Service(
    name="registry",
    title="Teilnehmende und Programme",
    layout=LAYOUT,
    routers=ROUTERS,
    projections=PROJECTIONS,
    reactions={"complete-erasure": complete_erasure, "settle-programme": settle_programme},
    at_start={"resume-erasures": resume_erasures},
    nightly={"tell-expired-consents": tell_expired_consents},
    words=Path(__file__).parent / "locale",
    extend=extend,
    fresh_topics=("registry.consents.v1",),
)
