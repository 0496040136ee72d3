"""What visits keeps of the events it listens to."""

from collections.abc import Sequence

from services.visits.store import known
from shared.contracts.catalog import BY_NAME
from shared.messaging.forgetting import reactions_of
from shared.messaging.projection import Mirror, Projection

PROJECTIONS: Sequence[Projection] = (
    Mirror(BY_NAME["registry.cities.v1"], known.CITIES),
    Mirror(BY_NAME["registry.programmes.v1"], known.PROGRAMMES),
    Mirror(BY_NAME["registry.sites.v1"], known.SITES),
    Mirror(BY_NAME["registry.engagements.v1"], known.ENGAGEMENTS),
    Mirror(BY_NAME["registry.participations.v1"], known.PARTICIPATIONS),
    Mirror(BY_NAME["registry.erasures.v1"], known.ERASURES, react=reactions_of),
    Mirror(BY_NAME["matching.tandems.v1"], known.TANDEMS),
    Mirror(BY_NAME["reporting.periods.v1"], known.PERIODS),
)
