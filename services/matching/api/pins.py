"""Pins over HTTP: two whom a person wants together, before the round."""

from typing import Any

from fastapi import APIRouter
from pydantic import Field
from starlette.responses import Response

from services.matching.api.act_words import because
from services.matching.api.bodies.pins import LiftBody, PinBody, PinId
from services.matching.api.both import require_both
from services.matching.api.permissions import PAIR
from services.matching.api.reach import require_sides, visible
from services.matching.api.rounds import CONSENTS
from services.matching.commands.pin import MakePin, lift_pin, pin_pair
from services.matching.domain.pins import Pin
from services.matching.store import PINS
from shared.kernel.dates import today
from shared.kernel.ids import new_id
from shared.messaging.freshness import require_fresh
from shared.web.bodies import Page, Slug, View
from shared.web.cursors import Cursor, Limit
from shared.web.desk import Desk, RequestDesk, needs

router = APIRouter(prefix="/v1/cities/{city}/pins", tags=["pins"])


class PinView(View):
    """Two whom a person wants together, and whether the next round keeps them so."""

    programme: str
    engagement: str
    participation: str
    because: str = Field(examples=["wish_of_family"])
    because_title: str | None = Field(examples=["Wunsch der Familie"])
    pinned_at: str
    until: str | None = None
    stands: bool
    lifted_at: str | None = None
    lifted_because: str | None = None


@router.post("", dependencies=[needs(PAIR)], status_code=201, response_model=PinView, summary="Pin two")
async def pin(body: PinBody, desk: Desk) -> Response:
    """The rounds that follow propose the two, before all others; whatever forbids a pair forbids this, too."""
    await require_both(desk, body.engagement, body.participation)
    await require_fresh(desk.store, CONSENTS, "consents-stale")
    command = MakePin(body.id or new_id("pin"), body.engagement, body.participation, body.because, body.until)
    return await desk.commit(lambda work: pin_pair(work, command), view=lambda one: _view(desk, one))


@router.get("", dependencies=[needs(PAIR)], response_model=Page[PinView], summary="List pins")
async def list_pins(
    desk: Desk,
    programme: Slug | None = None,
    standing: bool | None = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Response:
    """By id, those that were lifted too."""
    query: dict[str, Any] = {} if programme is None else {"programme": programme}
    if standing is not None:
        query["lifted_at"] = None if standing else {"$ne": None}
    after = await desk.after(cursor)
    if after is not None:
        query["_id"] = {"$gt": after}
    query |= await visible(desk, "programme", "sites", "carriers")
    rows = await PINS.find(desk.reader, query, sort=[("_id", 1)], limit=limit + 1)
    return await desk.page(rows, limit=limit, key=lambda row: row.id, view=lambda row: _view(desk, row))


@router.get("/{pin_id}", dependencies=[needs(PAIR)], response_model=PinView, summary="Read a pin")
async def read_pin(pin_id: PinId, desk: Desk) -> Response:
    """With what became of it."""
    found = await _own(desk, pin_id)
    return desk.answer(found, _view(desk, found))


@router.post("/{pin_id}:lift", dependencies=[needs(PAIR, may_match=True)], response_model=PinView, summary="Lift a pin")
async def lift(pin_id: PinId, body: LiftBody, desk: Desk) -> Response:
    """The next round is free to propose others; a draft that is there already stays until then."""
    await _own(desk, pin_id)
    return await desk.commit(
        lambda work: lift_pin(work, pin_id, body.because), view=lambda one: _view(desk, one), status=200
    )


async def _own(desk: RequestDesk, pin_id: str) -> Pin:
    found = await PINS.get(desk.reader, pin_id)
    require_sides(desk, found.programme, found.sites, found.carriers)
    return found


def _view(desk: RequestDesk, one: Pin) -> PinView:
    return PinView(
        id=one.id,
        version=one.version,
        actions=["lift"] if one.lifted_at is None else [],
        programme=one.programme,
        engagement=one.engagement,
        participation=one.participation,
        because=one.because,
        because_title=because(one.because, desk.language),
        pinned_at=one.pinned_at,
        until=one.until,
        stands=one.stands(today(desk.moment)),
        lifted_at=one.lifted_at,
        lifted_because=one.lifted_because,
    )
