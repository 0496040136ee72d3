"""What a person has shown besides the certificate of good conduct, over HTTP: that it was seen, never what it says."""

from typing import Literal

from fastapi import APIRouter
from pydantic import Field
from starlette.responses import Response

from services.registry.api.permissions import PROVE
from services.registry.api.reach import require_visible, sees_person
from services.registry.api.shapes import ProofId, narrowed
from services.registry.api.views.proofs import ProofView, proof_view
from services.registry.commands import proofs as commands
from services.registry.domain.proofs import Proof
from services.registry.store.repositories import PEOPLE, PROOFS
from shared.kernel.ids import new_id
from shared.web.bodies import Body, Day, Page, PersonId
from shared.web.cursors import Cursor, Limit
from shared.web.desk import Desk, RequestDesk, needs

router = APIRouter(prefix="/v1/cities/{city}/people/{person}/proofs", tags=["proofs"])
Further = Literal["confidentiality", "measles", "self_commitment", "child_protection"]


class ProofBody(Body):
    """Which proof, of which day, seen when; who saw it is who sends this."""

    id: ProofId | None = None
    kind: Further
    dated_on: Day = Field(examples=["2026-01-12"])
    seen_on: Day = Field(examples=["2026-01-15"])


@router.post(
    "", dependencies=[needs(PROVE)], status_code=201, response_model=ProofView, summary="Record a proof that was seen"
)
async def record_proof(person: PersonId, body: ProofBody, desk: Desk) -> Response:
    """It counts for all engagements of the person whose roles need it."""
    await _require_seen(desk, person)
    seen_by = desk.principal.subject
    new = Proof(body.id or new_id("prf"), person, body.kind, body.dated_on, body.seen_on, seen_by)
    return await desk.commit(lambda work: commands.record_proof(work, new), view=proof_view(desk))


@router.get("", dependencies=[needs(PROVE)], response_model=Page[ProofView], summary="List a person's proofs")
async def list_proofs(person: PersonId, desk: Desk, limit: Limit = 50, cursor: Cursor = None) -> Response:
    """Earlier ones too, by id. The certificate of good conduct is with the engagement that it was shown for."""
    await _require_seen(desk, person)
    query = narrowed({"person": person}, after=await desk.after(cursor))
    rows = await PROOFS.find(desk.reader, query, sort=[("_id", 1)], limit=limit + 1)
    return await desk.page(rows, limit=limit, key=lambda row: row.id, view=proof_view(desk))


@router.get("/{proof}", dependencies=[needs(PROVE)], response_model=ProofView, summary="Read a proof")
async def read_proof(person: PersonId, proof: ProofId, desk: Desk) -> Response:
    """That it was seen, when and by whom."""
    await _require_seen(desk, person)
    found = await PROOFS.get(desk.reader, proof)
    require_visible(found.person == person)
    return desk.answer(found, proof_view(desk)(found))


@router.post(
    "/{proof}:withdraw",
    dependencies=[needs(PROVE, may_match=True)],
    response_model=ProofView,
    summary="Delete a proof that was entered by mistake",
)
async def withdraw_proof(person: PersonId, proof: ProofId, desk: Desk) -> Response:
    """Nothing of it stays but the entry in the audit."""
    await _require_seen(desk, person)
    return await desk.commit(
        lambda work: commands.withdraw_proof(work, person, proof), view=proof_view(desk), status=200
    )


async def _require_seen(desk: RequestDesk, person: str) -> None:
    require_visible(await sees_person(desk, await PEOPLE.get(desk.reader, person)))
