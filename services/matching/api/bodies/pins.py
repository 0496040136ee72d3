"""Requests about pins."""

from typing import Annotated

from pydantic import ConfigDict

from services.matching.domain.reasons import ByHandReason
from shared.web.bodies import Body, Day, EngagementId, ParticipationId, id_of

PinId = Annotated[str, id_of("pin")]


class PinBody(Body):
    """Two whom a person wants together, and why; ``until`` is the first day on which it no longer stands."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "engagement": "eng_3c9k0000000000000000000000",
                "participation": "ptc_3c9k0000000000000000000000",
                "because": "wish_of_family",
                "until": "2026-03-01",
            }
        }
    )

    id: PinId | None = None
    engagement: EngagementId
    participation: ParticipationId
    because: ByHandReason
    until: Day | None = None


class LiftBody(Body):
    """Why it is lifted."""

    model_config = ConfigDict(json_schema_extra={"example": {"because": "team_decision"}})

    because: ByHandReason
