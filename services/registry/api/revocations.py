"""Revocations over HTTP."""

from fastapi import APIRouter
from pydantic import Field
from starlette.responses import Response

from services.registry.api.permissions import REVOKE
from services.registry.api.views.people import RevocationView, revocation_view
from services.registry.commands import revocations as commands
from services.registry.domain.revocations import Revocation
from shared.kernel.errors import Finding, Refused
from shared.kernel.ids import new_id
from shared.web.bodies import Body, Instant, Name
from shared.web.desk import Desk, needs

router = APIRouter(prefix="/v1/cities/{city}/revocations", tags=["revocations"])


class RevocationBody(Body):
    """One token by its id, or all tokens of a subject issued before an instant."""

    token: Name | None = Field(None, description="The token's `jti`.")
    subject: Name | None = Field(None, description="The tokens' `sub`.")
    issued_before: Instant | None = None


@router.post("", dependencies=[needs(REVOKE)], status_code=201, response_model=RevocationView, summary="Revoke tokens")
async def revoke(body: RevocationBody, desk: Desk) -> Response:
    """All services refuse them as soon as they have read it."""
    if (body.token is None) == (body.subject is None):
        raise Refused("invalid", (Finding("/token", "one-of-two", "either a token or a subject"),))
    if (body.subject is None) != (body.issued_before is None):
        raise Refused("invalid", (Finding("/issued_before", "missing" if body.subject else "unknown-field"),))
    new = Revocation(new_id("rev"), body.token, body.subject, body.issued_before)
    return await desk.commit(lambda work: commands.revoke(work, new), view=revocation_view)
