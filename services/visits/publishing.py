"""Aggregates as contracts: the only file of visits that knows both words."""

from typing import Any

from services.visits.domain.activities import Activity
from services.visits.domain.requests import Request
from services.visits.domain.visits import Visit
from shared.contracts import visits as contracts


def visit_state(aggregate: Visit) -> dict[str, Any]:
    """What anybody may know of a visit, by the contract's names: its earlier versions, not its note."""
    return {
        "id": aggregate.id,
        "tandem": aggregate.tandem,
        "engagement": aggregate.engagement,
        "participation": aggregate.participation,
        "programme": aggregate.programme,
        "date": aggregate.date,
        "kind": aggregate.kind,
        "minutes": aggregate.minutes,
        "topics": aggregate.topics,
        "language": aggregate.language,
        "site": aggregate.site,
        "carrier": aggregate.carrier,
        "district": aggregate.district,
        "status": aggregate.status,
        "recorded_at": aggregate.recorded_at,
        "versions": tuple(contracts.VisitVersion.model_validate(entry) for entry in aggregate.versions),
    }


def visit(aggregate: Visit) -> contracts.VisitV1:
    """The visit's event; not yet validated, since ``emit`` does that with what is written."""
    return contracts.VisitV1.model_construct(**visit_state(aggregate))


def request(aggregate: Request) -> contracts.RequestV1:
    """The request's event."""
    state: Any = aggregate.state
    by: Any = aggregate.by
    return contracts.RequestV1(
        id=aggregate.id,
        programme=aggregate.programme,
        service=aggregate.service,
        date=aggregate.date,
        how_often=aggregate.how_often,
        site=aggregate.site,
        carrier=aggregate.carrier,
        district=aggregate.district,
        state=state,
        by=by,
        engagement=aggregate.engagement,
        participation=aggregate.participation,
        fulfilled_on=aggregate.fulfilled_on,
        status=aggregate.status,
        recorded_at=aggregate.recorded_at,
        versions=tuple(contracts.RequestVersion.model_validate(entry) for entry in aggregate.versions),
    )


def activity(aggregate: Activity) -> contracts.ActivityV1:
    """The activity's event."""
    return contracts.ActivityV1(
        id=aggregate.id,
        programme=aggregate.programme,
        kind=aggregate.kind,
        date=aggregate.date,
        participants=aggregate.participants,
        about=aggregate.about,
        sessions=aggregate.sessions,
        minutes=aggregate.minutes,
        site=aggregate.site,
        carrier=aggregate.carrier,
        district=aggregate.district,
        status=aggregate.status,
        recorded_at=aggregate.recorded_at,
        versions=tuple(contracts.ActivityVersion.model_validate(entry) for entry in aggregate.versions),
    )
