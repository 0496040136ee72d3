"""Which proofs a programme's roles need, over HTTP: by day, and as known at an instant."""

from typing import Annotated, Literal

from fastapi import APIRouter
from pydantic import Field
from starlette.responses import Response

from services.registry.api.permissions import READ_PLACES, STEER
from services.registry.api.reach import require_whole
from services.registry.api.views.proofs import RequirementsView, requirements_view
from services.registry.commands import proofs as commands
from services.registry.domain.proofs import Need, RoleRule
from services.registry.store.repositories import PROGRAMMES
from shared.kernel.dates import today
from shared.kernel.errors import Finding, Refused
from shared.web.bodies import Body, Code, Day, Instant, Slug, changes
from shared.web.desk import Desk, needs

router = APIRouter(prefix="/v1/cities/{city}/programmes/{programme}", tags=["programmes"])
Kind = Literal["clearance", "confidentiality", "measles", "self_commitment", "child_protection"]
Months = Annotated[int, Field(ge=1, le=240)]
Kept = Annotated[int, Field(ge=0, le=120)]


class NeedBody(Body):
    """A proof; ``months`` is how old it may be, any age where it is left out (a clearance: five years)."""

    kind: Kind
    months: Months | None = Field(None, examples=[60])


class RuleBody(Body):
    """Everything that a role needs from a day on; an empty list: nothing."""

    role: Code = Field(examples=["stadtteilmutter"])
    site: Slug | None = Field(None, description="Needed besides, at this site only; such as measles in a Kita.")
    since: Day = Field(examples=["2026-02-01"])
    needs: list[NeedBody] = Field(max_length=10)


class KeepingPatch(Body):
    """Months: after a clearance was seen of which nothing came, and after the end of an engagement."""

    unused_months: Kept = 6
    kept_months: Kept = 3


@router.get(
    "/requirements",
    dependencies=[needs(READ_PLACES)],
    response_model=RequirementsView,
    summary="Which proofs the roles need",
)
async def read_requirements(
    programme: Slug, desk: Desk, on: Day | None = None, known_at: Instant | None = None
) -> Response:
    """On a day (today if left out), as known at an instant (now if left out). Roles not named need a clearance."""
    found = await PROGRAMMES.get(desk.reader, programme)
    return desk.answer(found, requirements_view(desk, on or today(desk.moment), known_at)(found))


@router.post(
    ":require",
    dependencies=[needs(STEER, may_match=True)],
    response_model=RequirementsView,
    summary="Say which proofs a role needs",
)
async def require_proofs(programme: Slug, body: RuleBody, desk: Desk) -> Response:
    """From a day on. Whoever does not have them is not active from then on; her tandems go on, and she is due."""
    await require_whole(desk, programme)
    kinds = [need.kind for need in body.needs]
    for number, kind in enumerate(kinds):
        if kind in kinds[:number]:
            raise Refused("invalid", (Finding(f"/needs/{number}/kind", "used-twice"),))
    rule = RoleRule(body.role, body.since, tuple(Need(need.kind, need.months) for need in body.needs), "", body.site)
    answer = await desk.commit(
        lambda work: commands.require_proofs(work, programme, rule),
        view=requirements_view(desk, body.since, None),
        status=200,
    )
    await commands.follow_proofs(desk.store, desk.city, desk.actor, {"programme": programme})
    return answer


@router.patch(
    "/requirements",
    dependencies=[needs(STEER)],
    response_model=RequirementsView,
    summary="Change for how long notes of proofs are kept",
)
async def change_keeping(programme: Slug, body: KeepingPatch, desk: Desk) -> Response:
    """What is over its time is deleted in the following night."""
    await require_whole(desk, programme)
    expected, values = desk.expected_version(), changes(body)
    return await desk.commit(
        lambda work: commands.keep_proofs_for(work, programme, expected, values),
        view=requirements_view(desk, today(desk.moment), None),
        status=200,
    )
