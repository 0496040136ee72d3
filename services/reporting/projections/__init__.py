"""What reporting keeps of the events it listens to."""

from collections.abc import Sequence

from services.reporting.store import known
from shared.contracts.catalog import BY_NAME
from shared.messaging.forgetting import reactions_of
from shared.messaging.projection import Mirror, Projection

PROJECTIONS: Sequence[Projection] = (
    Mirror(BY_NAME["registry.cities.v1"], known.CITIES),
    Mirror(BY_NAME["registry.programmes.v1"], known.PROGRAMMES),
    Mirror(BY_NAME["registry.sites.v1"], known.SITES),
    Mirror(BY_NAME["registry.organisations.v1"], known.ORGANISATIONS),
    Mirror(BY_NAME["registry.engagements.v1"], known.ENGAGEMENTS),
    Mirror(BY_NAME["registry.participations.v1"], known.PARTICIPATIONS),
    Mirror(BY_NAME["registry.cohorts.v1"], known.COHORTS),
    Mirror(BY_NAME["registry.attendances.v1"], known.ATTENDANCES),
    Mirror(BY_NAME["registry.outcomes.v1"], known.OUTCOMES),
    Mirror(BY_NAME["registry.erasures.v1"], known.ERASURES, react=reactions_of),
    Mirror(BY_NAME["visits.visits.v1"], known.VISITS),
    Mirror(BY_NAME["visits.activities.v1"], known.ACTIVITIES),
    Mirror(BY_NAME["visits.requests.v1"], known.REQUESTS),
    Mirror(BY_NAME["matching.tandems.v1"], known.TANDEMS),
    Mirror(BY_NAME["matching.waiting.v1"], known.WAITING),
)
