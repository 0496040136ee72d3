"""What visits answers."""

from collections.abc import Callable
from typing import Annotated, Any

from pydantic import BaseModel, Field

from services.visits import publishing
from services.visits.api.permissions import BROKER
from services.visits.commands.sync import Outcome
from services.visits.domain.activities import Activity
from services.visits.domain.requests import Request
from services.visits.domain.visits import Visit
from services.visits.queries.due import QuietTandem
from shared.contracts.visits import ActivityV1, RequestV1, VisitV1
from shared.web.desk import RequestDesk

Warnings = Annotated[
    list[str],
    Field(
        description="Codes: outside-period, period-closed, before-tandem, after-tandem, note-not-kept.",
        examples=[["outside-period"]],
    ),
]


class StartedView(BaseModel):
    """A wall clock's time and the instant that it names."""

    local: str = Field(examples=["14:30"])
    fold: int
    zone: str = Field(examples=["Europe/Berlin"])
    instant: str = Field(examples=["2026-01-15T13:30:00.000Z"])


class VisitView(VisitV1):
    """A visit with its history, without its note."""

    version: int
    started: StartedView | None = None
    has_note: bool
    warnings: Warnings
    actions: list[str] = Field(examples=[["correct", "void"]])


class RequestView(RequestV1):
    """A request and where it stands."""

    version: int
    closed_because: str | None = None
    warnings: Warnings
    actions: list[str] = Field(examples=[["broker", "close"]])


class ActivityView(ActivityV1):
    """An activity."""

    version: int
    warnings: Warnings
    actions: list[str] = Field(examples=[["correct", "void"]])


class NoteView(BaseModel):
    """An opened note."""

    note: str


class DueView(BaseModel):
    """Something that is due."""

    id: str
    kind: str = Field(examples=["visit-overdue"])
    subject: str = Field(examples=["tan_3c9k0000000000000000000000"])
    due_at: str = Field(examples=["2026-02-05"])
    since: str = Field(examples=["2026-01-15"])
    link: str = Field(examples=["/v1/cities/rostock/visits?tandem=tan_3c9k0000000000000000000000"])
    actions: list[str] = Field(examples=[["log"]])


def visit_view(visit: Visit) -> VisitView:
    """The visit."""
    started = None
    if visit.started is not None:
        clock = visit.started
        started = StartedView(
            local=clock.local, fold=clock.fold, zone=clock.zone, instant=clock.instant(visit.date)
        )  # fmt: skip
    actions = ["correct", "void"] if visit.status == "valid" else []
    # Its parts are the event's, which was checked when it was told.
    return VisitView.model_construct(
        **publishing.visit_state(visit),
        version=visit.version,
        started=started,
        has_note=visit.note is not None,
        warnings=list(visit.warnings),
        actions=actions + (["open-note"] if visit.note is not None else []),
    )


def request_view(desk: RequestDesk) -> Callable[[Request], RequestView]:
    """The view of a request for this token: a city reads what only a coordinator may broker."""

    def view(request: Request) -> RequestView:
        brokers = desk.may(BROKER, programme=request.programme, site=request.site, carrier=request.carrier)
        return RequestView(
            **dict(publishing.request(request)),
            version=request.version,
            closed_because=request.closed_because,
            warnings=list(request.warnings),
            actions=list(request.actions) if brokers else [],
        )

    return view


def activity_view(activity: Activity) -> ActivityView:
    """The activity."""
    return ActivityView(
        **dict(publishing.activity(activity)),
        version=activity.version,
        warnings=list(activity.warnings),
        actions=list(activity.actions),
    )


def due_view(city: str, one: QuietTandem) -> DueView:
    """A tandem without entries."""
    return DueView(
        id=f"visit-overdue:{one.tandem}",
        kind="visit-overdue",
        subject=one.tandem,
        due_at=one.due_on,
        since=one.since,
        link=f"/v1/cities/{city}/visits?tandem={one.tandem}",
        actions=["log"],
    )


def outcome_view(key: str | None, outcome: Outcome, sent: dict[str, Any]) -> dict[str, Any]:
    """An entry's answer; a conflict shows both versions, and what was sent without its note."""
    answer: dict[str, Any] = {"id": key, "answer": outcome.answer}
    if outcome.visit is not None:
        answer |= {"version": outcome.visit.version, "warnings": list(outcome.visit.warnings)}
    if outcome.answer == "conflict" and outcome.visit is not None:
        answer["stored"] = visit_view(outcome.visit).model_dump(mode="json")
        answer["sent"] = {name: value for name, value in sent.items() if name != "note"}
    if outcome.answer == "refused":
        errors = [{"pointer": f.pointer, "code": f.code, "expected": f.expected} for f in outcome.findings]
        pointer = errors[0]["pointer"] if errors else ""
        retry = outcome.code in ("not-yet-known", "in-progress")
        answer |= {"code": outcome.code, "pointer": pointer, "errors": errors, "retry": retry}
    return answer
