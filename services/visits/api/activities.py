"""Activities over HTTP."""

from fastapi import APIRouter
from starlette.responses import Response

from services.visits.api.bodies import ActivityBody, ActivityCorrectionBody, ActivityId, ReasonBody, sent
from services.visits.api.permissions import RECORD
from services.visits.api.reach import require_place, visible
from services.visits.api.views import ActivityView, activity_view
from services.visits.api.visits import From, Until
from services.visits.commands import activities as commands
from services.visits.domain.activities import Activity
from services.visits.queries.lists import between, equal
from services.visits.store import ACTIVITIES
from services.visits.store.known import Known
from shared.kernel.ids import new_id
from shared.storage.newest import newest, place_of
from shared.web.bodies import Code, Page, Slug
from shared.web.cursors import Cursor, Limit
from shared.web.desk import Desk, RequestDesk, needs

router = APIRouter(prefix="/v1/cities/{city}/activities", tags=["activities"])


@router.post("", dependencies=[needs(RECORD)], status_code=201, response_model=ActivityView, summary="Record one")
async def record_activity(body: ActivityBody, desk: Desk) -> Response:
    """Head counts; nobody is named."""
    place = await Known(desk.reader).place(body.site, body.district, None, body.date)
    desk.require(programme=body.programme, site=place.site, carrier=place.carrier)
    new = Activity(
        id=body.id or new_id("act"),
        programme=body.programme,
        kind=body.kind,
        date=body.date,
        participants=body.participants,
        about=body.about,
        sessions=body.sessions,
        minutes=body.minutes,
        site=body.site,
        district=body.district,
    )
    return await desk.commit(lambda work: commands.record_activity(work, new), view=activity_view)


@router.get("", dependencies=[needs(RECORD)], response_model=Page[ActivityView], summary="List activities")
async def list_activities(
    desk: Desk,
    *,
    programme: Slug | None = None,
    kind: Code | None = None,
    since: From = None,
    until: Until = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Response:
    """Newest first."""
    queries = (await visible(desk), equal(programme=programme, kind=kind), between(since, until))
    rows = await newest(desk.reader, ACTIVITIES, "date", *queries, after=await desk.after(cursor), limit=limit + 1)
    return await desk.page(rows, limit=limit, key=lambda row: place_of(row.date, row.id), view=activity_view)


@router.get("/{activity}", dependencies=[needs(RECORD)], response_model=ActivityView, summary="Read an activity")
async def read_activity(activity: ActivityId, desk: Desk) -> Response:
    """With its history."""
    found = await _reached(desk, activity)
    return desk.answer(found, activity_view(found))


@router.patch("/{activity}", dependencies=[needs(RECORD)], response_model=ActivityView, summary="Correct an activity")
async def correct_activity(activity: ActivityId, body: ActivityCorrectionBody, desk: Desk) -> Response:
    """What was counted before stays in its history, with the reason."""
    found = await _reached(desk, activity)
    expected = desk.expected_version()
    changes = sent(body, "site", "district")
    if changes.get("site") is not None:
        day = changes.get("date", found.date)
        place = await Known(desk.reader).place(changes["site"], None, None, day)
        desk.require(programme=found.programme, site=place.site, carrier=place.carrier)
    return await desk.commit(
        lambda work: commands.correct_activity(work, activity, expected, body.reason, changes),
        view=activity_view,
        status=200,
    )


@router.post(
    "/{activity}:void",
    dependencies=[needs(RECORD, if_match=True)],
    response_model=ActivityView,
    summary="Void an activity",
)
async def void_activity(activity: ActivityId, body: ReasonBody, desk: Desk) -> Response:
    """It is not counted any more; its history stays. Needs `If-Match`."""
    await _reached(desk, activity)
    expected = desk.expected_version()
    return await desk.commit(
        lambda work: commands.void_activity(work, activity, expected, body.reason), view=activity_view, status=200
    )


async def _reached(desk: RequestDesk, key: str) -> Activity:
    found = await ACTIVITIES.get(desk.reader, key)
    require_place(desk, found)
    return found
