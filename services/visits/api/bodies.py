"""What visits is asked to do: shapes of requests."""

from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, StringConstraints

from services.visits.domain.visits import Entry
from services.visits.domain.wall_clock import WallClock
from shared.kernel.errors import Finding, Refused
from shared.web.bodies import (
    Body,
    Code,
    Count,
    Day,
    EngagementId,
    LanguageTag,
    Minutes,
    Note,
    ParticipationId,
    Slug,
    TandemId,
    changes,
    id_of,
)

VisitId = Annotated[str, id_of("vis")]
RequestId = Annotated[str, id_of("req")]
ActivityId = Annotated[str, id_of("act")]
LocalTime = Annotated[str, StringConstraints(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]
Topics = Annotated[list[Code], Field(max_length=50)]

_VISIT: dict[str, Any] = {
    "id": "vis_3c9k0000000000000000000000",
    "tandem": "tan_3c9k0000000000000000000000",
    "kind": "home_visit",
    "date": "2026-01-15",
    "minutes": 90,
    "topics": ["health"],
    "language": "uk",
    "started_at": "14:30",
}


class VisitBody(Body):
    """A contact of a tandem, as whoever was there writes it down."""

    model_config = ConfigDict(json_schema_extra={"example": _VISIT})

    id: VisitId | None = None
    tandem: TandemId
    kind: Code
    date: Day
    minutes: Minutes
    topics: Topics = Field(default_factory=list)
    language: LanguageTag | None = None
    started_at: LocalTime | None = Field(None, description="What the clock on the wall said, in Germany.")
    fold: Literal[0, 1] = Field(0, description="1 for the second of two equal hours when clocks go back.")
    note: Note | None = Field(None, description="Sealed at once; never in an event, a log or a report.")

    def entry(self, key: str) -> Entry:
        """What is written down, under this id."""
        return Entry(
            key,
            self.tandem,
            self.kind,
            self.date,
            self.minutes,
            tuple(self.topics),
            self.language,
            None if self.started_at is None else WallClock(self.started_at, self.fold),
        )


class LoggedBody(VisitBody):
    """An entry of a phone's log: its id is made by the phone; a correction names the version that it replaces."""

    model_config = ConfigDict(json_schema_extra={"example": _VISIT})

    id: VisitId
    corrects: int | None = Field(None, ge=1, description="A note that is left out stays as it is.")


class CorrectionBody(Body):
    """What was wrong, as a merge patch: a field that is left out stays, null removes what may be missing."""

    model_config = ConfigDict(json_schema_extra={"example": {"reason": "wrong_day", "date": "2026-01-14"}})

    reason: Code
    kind: Code | None = None
    date: Day | None = None
    minutes: Minutes | None = None
    topics: Topics | None = None
    language: LanguageTag | None = None
    started_at: LocalTime | None = None
    fold: Literal[0, 1] | None = None
    note: Note | None = None


class ReasonBody(Body):
    """Why."""

    model_config = ConfigDict(json_schema_extra={"example": {"reason": "entered_twice"}})

    reason: Code


class RequestBody(Body):
    """What is asked for: what, where, when, how often."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "programme": "offizielle-nachbarin",
                "service": "child_care",
                "date": "2010-05-03",
                "how_often": "weekly",
            }
        }
    )

    id: RequestId | None = None
    programme: Slug
    service: Code
    date: Day = Field(description="The day it was asked.")
    how_often: Code = "once"
    site: Slug | None = None
    district: Slug | None = None
    participation: ParticipationId | None = Field(None, description="For whom, where that is known.")


class BrokerBody(Body):
    """To whom it is given; ``engagement`` names the volunteer."""

    model_config = ConfigDict(json_schema_extra={"example": {"by": "partner"}})

    by: Literal["own", "volunteer", "partner"]
    engagement: EngagementId | None = None


class FulfilBody(Body):
    """The day it was done."""

    model_config = ConfigDict(json_schema_extra={"example": {"on": "2010-05-10"}})

    on: Day


class ActivityBody(Body):
    """A meeting, an event, an offer: how many came, nobody named."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "programme": "offizielle-nachbarin",
                "kind": "group_meeting",
                "date": "2010-05-03",
                "participants": 12,
                "minutes": 120,
            }
        }
    )

    id: ActivityId | None = None
    programme: Slug
    kind: Code
    date: Day
    participants: Count
    about: bool = Field(False, description="Whether nobody counted exactly.")
    sessions: Count = Field(1, description="How many parts it had, such as workshops.")
    minutes: Minutes = 0
    site: Slug | None = None
    district: Slug | None = None


class ActivityCorrectionBody(Body):
    """What was wrong with an activity, as a merge patch."""

    model_config = ConfigDict(json_schema_extra={"example": {"reason": "miscounted", "participants": 14}})

    reason: Code
    kind: Code | None = None
    date: Day | None = None
    participants: Count | None = None
    about: bool | None = None
    sessions: Count | None = None
    minutes: Minutes | None = None
    site: Slug | None = None
    district: Slug | None = None


def sent(body: Body, *removable: str) -> dict[str, Any]:
    """A patch's fields without its reason. Raises ``Refused`` for null where something must be."""
    fields = {name: value for name, value in changes(body).items() if name != "reason"}
    missing = [name for name, value in fields.items() if value is None and name not in removable]
    if missing:
        raise Refused("invalid", tuple(Finding(f"/{name}", "missing", "a value") for name in missing))
    return {name: tuple(value) if isinstance(value, list) else value for name, value in fields.items()}
