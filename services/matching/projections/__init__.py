"""What matching keeps of the events it listens to."""

from collections.abc import Sequence

from services.matching.projections import consents, ends
from services.matching.store import known
from shared.contracts.base import Contract
from shared.contracts.catalog import BY_NAME
from shared.messaging import forgetting
from shared.messaging.projection import Mirror, Projection
from shared.storage.mongo import Document


def _size_of(state: Contract) -> Document:
    """Nothing but how many they are: rounds say whether large families wait longer."""
    return state.model_dump(mode="json", include={"adults", "children"})


PROJECTIONS: Sequence[Projection] = (
    Mirror(BY_NAME["registry.cities.v1"], known.CITIES),
    Mirror(BY_NAME["registry.programmes.v1"], known.PROGRAMMES),
    Mirror(BY_NAME["registry.sites.v1"], known.SITES),
    Mirror(BY_NAME["registry.engagements.v1"], known.ENGAGEMENTS, react=ends.of_engagement),
    Mirror(BY_NAME["registry.participations.v1"], known.PARTICIPATIONS, react=ends.of_participation),
    Mirror(BY_NAME["registry.families.v1"], known.FAMILIES, keep=_size_of),
    Mirror(BY_NAME["registry.consents.v1"], known.CONSENTS, react=consents.of_consent),
    Mirror(BY_NAME["registry.erasures.v1"], known.ERASURES, react=forgetting.reactions_of),
)

__all__ = ["PROJECTIONS"]
