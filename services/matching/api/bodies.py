"""What matching is asked to do: shapes of requests."""

from typing import Annotated

from pydantic import ConfigDict, Field

from shared.web.bodies import Body, Code, Day, EngagementId, ParticipationId, Slug, TandemId, id_of

RoundId = Annotated[str, id_of("rnd")]
ProposalId = Annotated[str, id_of("prp")]


class RoundBody(Body):
    """A round of one programme; without ``date`` for today."""

    model_config = ConfigDict(json_schema_extra={"example": {"programme": "stadtteilmuetter", "date": "2026-01-15"}})

    id: RoundId | None = None
    programme: Slug
    date: Day | None = None


class AcceptBody(Body):
    """A yes; without ``date`` the tandem begins today."""

    model_config = ConfigDict(json_schema_extra={"example": {"date": "2026-01-20"}})

    date: Day | None = None


class RejectBody(Body):
    """A no: its reason, and the day from which the pair may be proposed again (never without one)."""

    model_config = ConfigDict(json_schema_extra={"example": {"reason": "declined_by_family", "until": "2026-07-01"}})

    reason: Code
    until: Day | None = None


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
