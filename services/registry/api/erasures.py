"""Erasures over HTTP."""

from fastapi import APIRouter
from pydantic import Field
from starlette.responses import Response

from services.registry.api.permissions import ERASE
from services.registry.api.reach import require_subject
from services.registry.api.shapes import ErasureId
from services.registry.api.views.people import ErasureView, erasure_view
from services.registry.commands import erasures as commands
from services.registry.domain.erasures import Erasure
from services.registry.store.erasures import ERASURES
from shared.kernel.ids import new_id
from shared.security.grants import Invisible
from shared.storage.work import Work
from shared.web.bodies import Body
from shared.web.desk import Desk, needs

router = APIRouter(prefix="/v1/cities/{city}/erasures", tags=["erasures"])


class ErasureBody(Body):
    """Whom to forget."""

    subject: str = Field(pattern=r"^(per|fam)_[0-7][0-9a-hjkmnp-tv-z]{25}$", description="A person or a family.")


@router.post(
    "", dependencies=[needs(ERASE)], status_code=202, response_model=ErasureView, summary="Erase a person or a family"
)
async def request_erasure(body: ErasureBody, desk: Desk) -> Response:
    """What was done with her stays counted; who she was is forgotten by all services."""
    await require_subject(desk, body.subject)
    key = new_id("era")

    async def erase(work: Work) -> Erasure:
        return await commands.request_erasure(work, key, body.subject)

    answer = await desk.commit(erase, view=erasure_view, status=202)
    await commands.finish_erasures(desk.store, desk.city)
    return answer


@router.get("/{erasure}", dependencies=[needs(ERASE)], response_model=ErasureView, summary="How far an erasure is")
async def read_erasure(erasure: ErasureId, desk: Desk) -> Response:
    """Complete when every service has confirmed. For who has asked for it, and for who reaches the whole city."""
    found = await ERASURES.get(desk.reader, erasure)
    if found.requested_by != desk.actor.subject and not desk.scope().everything:
        # Whom it was about is gone, and with her where she belonged.
        raise Invisible("not-found")
    return desk.answer(found, erasure_view(found))
