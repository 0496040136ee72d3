"""Requests about tandems."""

from pydantic import ConfigDict, Field

from services.matching.domain.reasons import ByHandReason, EndReason, PauseReason, Side
from shared.web.bodies import Body, Day, EngagementId, ParticipationId, TandemId


class TandemBody(Body):
    """A pair made by hand; ``because`` where a proposal names somebody else for one of the two."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "engagement": "eng_3c9k0000000000000000000000",
                "participation": "ptc_3c9k0000000000000000000000",
                "date": "2026-01-20",
                "because": "wish_of_family",
            }
        }
    )

    id: TandemId | None = None
    engagement: EngagementId
    participation: ParticipationId
    date: Day
    because: ByHandReason | None = None
    signed_on: Day | None = None


class EndBody(Body):
    """The last day and why; ``side`` is whose reason it was, where the reason does not say so itself."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"on": "2026-06-30", "reason": "no_common_time", "side": "mentor"}}
    )

    on: Day
    reason: EndReason = Field(examples=["goal_reached", "moved_away", "no_common_time"])
    side: Side | None = None


class TryBody(Body):
    """The first meeting went well: a trial, to be reviewed on a day; without it as the policy says."""

    model_config = ConfigDict(json_schema_extra={"example": {"on": "2026-01-20", "review_on": "2026-03-17"}})

    on: Day
    review_on: Day | None = None


class ActivateBody(Body):
    """It goes on for good; ``signed_on`` is the day of the agreement, where there is one."""

    model_config = ConfigDict(json_schema_extra={"example": {"on": "2026-03-17", "signed_on": "2026-03-17"}})

    on: Day
    signed_on: Day | None = None


class PauseBody(Body):
    """From a day on, perhaps until a day that is meant."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"on": "2026-05-01", "reason": "travel", "until": "2026-06-01"}}
    )

    on: Day
    reason: PauseReason
    until: Day | None = None


class OnBody(Body):
    """From which day on."""

    model_config = ConfigDict(json_schema_extra={"example": {"on": "2026-06-01"}})

    on: Day
