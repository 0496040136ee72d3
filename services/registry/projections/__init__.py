"""What registry keeps of the events it listens to."""

from services.registry.projections.confirmations import reactions_of
from services.registry.projections.tandems import marked, settles
from shared.contracts.catalog import BY_NAME
from shared.messaging.projection import Mirror, Projection

PROJECTIONS: tuple[Projection, ...] = (
    Mirror(BY_NAME["registry.cities.v1"], "known_cities"),
    Mirror(BY_NAME["matching.tandems.v1"], "known_tandems", react=settles, mark=marked),
    Mirror(BY_NAME["reporting.periods.v1"], "known_periods"),
    *(
        Mirror(BY_NAME[f"{service}.confirmations.v1"], f"known_{service}_confirmations", react=reactions_of)
        for service in ("visits", "matching", "reporting")
    ),
)
