"""What is due in visits, for a desk that merges the lists of all services."""

from typing import Literal

from fastapi import APIRouter
from starlette.responses import Response

from services.visits.api.permissions import READ
from services.visits.api.reach import visible
from services.visits.api.views import DueView, due_view
from services.visits.queries.due import place_of, quiet_tandems
from shared.kernel.dates import today
from shared.web.bodies import Page
from shared.web.cursors import Cursor, Limit
from shared.web.desk import Desk, needs

router = APIRouter(prefix="/v1/cities/{city}/due", tags=["due"])


@router.get("", dependencies=[needs(READ)], response_model=Page[DueView], summary="List what is due")
async def list_due(
    desk: Desk, role: Literal["mentor", "coordinator"] | None = None, limit: Limit = 50, cursor: Cursor = None
) -> Response:
    """Running tandems without an entry for three weeks, longest due first; a visit puts it off."""
    found = await quiet_tandems(desk.reader, today(desk.moment), await visible(desk))
    after = await desk.after(cursor)
    rows = [one for one in found if after is None or place_of(one) > after]
    return await desk.page(rows[: limit + 1], limit=limit, key=place_of, view=lambda one: due_view(desk.city, one))
