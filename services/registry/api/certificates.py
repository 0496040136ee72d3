"""Certificates over HTTP: issued, read, written as a document, taken back, and proven by their number."""

from typing import Any, Literal

from fastapi import APIRouter
from pydantic import BaseModel, Field
from starlette.responses import Response

from services.registry.api.permissions import QUALIFY, READ_CERTIFICATES, VERIFY_CERTIFICATES
from services.registry.api.reach import reached_engagement
from services.registry.api.shapes import CertificateId, narrowed
from services.registry.api.views.certificates import CertificateView, certificate_view
from services.registry.commands import certificates as commands
from services.registry.domain.certificates import NUMBER_FORM, Certificate, read_number, require_certified
from services.registry.domain.engagements import Engagement
from services.registry.exports.render import certificate_file
from services.registry.store.qualification import CERTIFICATES, stated
from services.registry.store.repositories import PEOPLE, PROGRAMMES
from shared.kernel.clock import write_instant
from shared.kernel.errors import Conflict, Finding, Refused
from shared.kernel.ids import new_id
from shared.kernel.people import PersonName
from shared.runtime.apart import Apart
from shared.storage.audit import AuditEntry
from shared.web.bodies import Body, Code, EngagementId, Name, Page
from shared.web.cursors import Cursor, Limit
from shared.web.desk import Desk, RequestDesk, needs

router = APIRouter(prefix="/v1/cities/{city}", tags=["qualification"])
PURPOSE = "certificate"
FILE: dict[int | str, dict[str, Any]] = {200: {"content": {"application/pdf": {}}, "description": "The document."}}


class IssueBody(Body):
    """A certificate in German, and in one more language on a page of its own."""

    id: CertificateId | None = None
    also_in: Literal["ar", "en", "fa", "ru", "uk"] | None = Field(None, examples=["ar"])


class WithdrawBody(Body):
    """Why it holds no longer."""

    reason: Code = Field(examples=["entered_wrongly"])


class NumberBody(Body):
    """The number as it stands on the paper; capitals, hyphens between the last groups and blanks do not matter."""

    number: Name = Field(examples=["ROSTOCK-7K3M9-QXRC2G"])


class VerifiedView(BaseModel):
    """Whether a number is that of a certificate that holds, and nothing about anybody."""

    state: Literal["valid", "withdrawn", "unknown"]
    issued_on: str | None = Field(None, examples=["2026-03-20"])
    programme: str | None = Field(None, description="Its name.", examples=["Stadtteilmütter"])


@router.post(
    "/engagements/{engagement}/certificates",
    dependencies=[needs(QUALIFY)],
    status_code=201,
    response_model=CertificateView,
    summary="Issue a certificate",
)
async def issue_certificate(engagement: EngagementId, body: IssueBody, desk: Desk) -> Response:
    """For who is certified. Her name is opened for what is stated, and kept nowhere but under her own seal."""
    found = await reached_engagement(desk, engagement)
    require_certified(found, await PROGRAMMES.get(desk.reader, found.programme))
    name, key, new = await _name(desk, found), await _key(desk), body.id or new_id("crt")
    answer = await desk.commit(
        lambda work: commands.issue_certificate(work, new, engagement, also_in=body.also_in, name=name, city_key=key),
        view=certificate_view(desk, found),
        kind="issued",
    )
    if "Idempotent-Replayed" not in answer.headers:
        answer.headers["Location"] = f"/v1/cities/{desk.city}/certificates/{new}"
    return answer


@router.get(
    "/engagements/{engagement}/certificates",
    dependencies=[needs(READ_CERTIFICATES)],
    response_model=Page[CertificateView],
    summary="List an engagement's certificates",
)
async def list_certificates(engagement: EngagementId, desk: Desk, limit: Limit = 50, cursor: Cursor = None) -> Response:
    """Those that hold and those that were withdrawn, by id."""
    found = await reached_engagement(desk, engagement)
    query = narrowed({"engagement": engagement}, after=await desk.after(cursor))
    rows = await CERTIFICATES.find(desk.reader, query, sort=[("_id", 1)], limit=limit + 1)
    return await desk.page(rows, limit=limit, key=lambda row: row.id, view=certificate_view(desk, found))


@router.get(
    "/certificates/{certificate}",
    dependencies=[needs(READ_CERTIFICATES)],
    response_model=CertificateView,
    summary="Read a certificate's record",
)
async def read_certificate(certificate: CertificateId, desk: Desk) -> Response:
    """Number, day and languages; no name."""
    found, engagement = await _reached(desk, certificate)
    return desk.answer(found, certificate_view(desk, engagement)(found))


@router.get(
    "/certificates/{certificate}/document",
    dependencies=[needs(READ_CERTIFICATES)],
    response_class=Response,
    responses=FILE,
    summary="A certificate as an accessible PDF",
)
async def read_document(certificate: CertificateId, desk: Desk) -> Response:
    """Made anew each time, and only as long as it states what was stated when it was issued."""
    found, engagement = await _reached(desk, certificate)
    found.require_valid()
    statement = await stated(desk.reader, engagement, found, await _name(desk, engagement))
    found.require_stated(statement.proof(await _key(desk)))
    writer: Apart = desk.extra["writer"]
    content = await writer.run(certificate_file, statement, write_instant(desk.moment))
    name = f'inline; filename="{found.number}.pdf"'
    headers = {"Content-Disposition": name, "Cache-Control": "no-store"}
    return Response(content, media_type="application/pdf", headers=headers)


@router.post(
    "/certificates/{certificate}:withdraw",
    dependencies=[needs(QUALIFY, may_match=True)],
    response_model=CertificateView,
    summary="Withdraw a certificate",
)
async def withdraw_certificate(certificate: CertificateId, body: WithdrawBody, desk: Desk) -> Response:
    """For ever; who is still certified can be given another one."""
    _, engagement = await _reached(desk, certificate)
    return await desk.commit(
        lambda work: commands.withdraw_certificate(work, certificate, body.reason),
        view=certificate_view(desk, engagement),
        status=200,
    )


@router.post(
    "/certificates:verify",
    dependencies=[needs(VERIFY_CERTIFICATES)],
    response_model=VerifiedView,
    summary="Whether a certificate holds",
)
async def verify_certificate(body: NumberBody, desk: Desk) -> VerifiedView:
    """By its number. That it was asked is in the audit."""
    number = read_number(body.number)
    if number is None:
        raise Refused("invalid", (Finding("/number", "wrong-form", NUMBER_FORM),))
    found = await CERTIFICATES.find_one(desk.reader, {"number": number})
    await desk.store.note(
        desk.city, desk.actor, AuditEntry("certificate.verified", found.id if found is not None else "unknown")
    )
    if found is None:
        return VerifiedView(state="unknown")
    programme = await PROGRAMMES.get(desk.reader, found.programme)
    state: Any = found.state
    return VerifiedView(state=state, issued_on=found.issued_on, programme=programme.name)


async def _reached(desk: RequestDesk, key: str) -> tuple[Certificate, Engagement]:
    found = await CERTIFICATES.get(desk.reader, key)
    return found, await reached_engagement(desk, found.engagement)


async def _name(desk: RequestDesk, engagement: Engagement) -> PersonName:
    """As it is documented, and in her own script; that it was opened is in the audit."""
    if engagement.person is None:
        raise Conflict("erased")
    person = await PEOPLE.get(desk.reader, engagement.person)
    plain = await desk.open(person.identity, ("as_documented", "own_script"), PURPOSE)
    return PersonName(plain["as_documented"], own_script=plain.get("own_script"))


async def _key(desk: RequestDesk) -> bytes:
    return await desk.store.city_key(desk.city, "certificate")
