"""Requests about tandems."""

from pydantic import ConfigDict, Field

from shared.web.bodies import Body, Code, Day, EngagementId, ParticipationId, TandemId


class TandemBody(Body):
    """A pair made by hand."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "engagement": "eng_3c9k0000000000000000000000",
                "participation": "ptc_3c9k0000000000000000000000",
                "date": "2026-01-20",
            }
        }
    )

    id: TandemId | None = None
    engagement: EngagementId
    participation: ParticipationId
    date: Day


class EndBody(Body):
    """The last day and why."""

    model_config = ConfigDict(json_schema_extra={"example": {"on": "2026-06-30", "reason": "goal_reached"}})

    on: Day
    reason: Code = Field(examples=["goal_reached", "moved_away", "no_common_time"])
