"""What visits keeps of the events it listens to."""

from services.visits.projections.erasures import reactions_of
from shared.contracts.catalog import BY_NAME
from shared.messaging.projection import Mirror, Projection

PROJECTIONS: tuple[Projection, ...] = (
    Mirror(BY_NAME["registry.cities.v1"], "known_cities"),
    Mirror(BY_NAME["registry.programmes.v1"], "known_programmes"),
    Mirror(BY_NAME["registry.sites.v1"], "known_sites"),
    Mirror(BY_NAME["registry.engagements.v1"], "known_engagements"),
    Mirror(BY_NAME["registry.participations.v1"], "known_participations"),
    Mirror(BY_NAME["registry.erasures.v1"], "known_erasures", react=reactions_of),
    Mirror(BY_NAME["matching.tandems.v1"], "known_tandems"),
    Mirror(BY_NAME["reporting.periods.v1"], "known_periods"),
)
