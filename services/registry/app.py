"""Registry, wired: the only place that builds; no rules."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from services.registry.api import ROUTERS
from services.registry.api.together import REGISTRAR, PersonRegistrar
from services.registry.commands.carriers import follow_all_carriers
from services.registry.commands.consents import tell_expired_consents
from services.registry.commands.erasures import complete_erasure, resume_erasures
from services.registry.commands.participations import end_urgencies
from services.registry.commands.programmes import settle_programme, tell_terms_begun
from services.registry.commands.proofs import forget_clearances, tell_proofs
from services.registry.commands.search_tokens import make_missing_tokens
from services.registry.projections import PROJECTIONS
from services.registry.store.repositories import LAYOUT
from shared.runtime.apart import Apart
from shared.runtime.service import Service
from shared.storage.store import Store


def extend(store: Store) -> Mapping[str, Any]:
    """What commits people together, and the process that writes documents."""
    return {REGISTRAR: PersonRegistrar(store), "writer": Apart("writer-died")}


SERVICE = Service(
    name="registry",
    title="Teilnehmende und Programme",
    layout=LAYOUT,
    routers=ROUTERS,
    projections=PROJECTIONS,
    reactions={"complete-erasure": complete_erasure, "settle-programme": settle_programme},
    at_start={
        "resume-erasures": resume_erasures,
        "make-search-tokens": make_missing_tokens,
        "follow-proofs": tell_proofs,
    },
    nightly={
        "tell-expired-consents": tell_expired_consents,
        "follow-carriers": follow_all_carriers,
        "tell-terms-begun": tell_terms_begun,
        "end-urgencies": end_urgencies,
        "forget-clearances": forget_clearances,
        "tell-proofs": tell_proofs,
    },
    extend=extend,
    words=Path(__file__).parent / "locale",
    fresh_topics=("registry.consents.v1",),
)
