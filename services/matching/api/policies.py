"""What a programme decides about its matching, over HTTP: versions that are added, each with its reason."""

from dataclasses import replace

from fastapi import APIRouter
from starlette.responses import JSONResponse, Response

from services.matching.api.bodies.policies import PolicyBody, RulesBody
from services.matching.api.permissions import READ_POLICY, SET_POLICY
from services.matching.api.reach import require_pool, require_whole
from services.matching.api.rounds import CONSENTS
from services.matching.api.views.policies import PoliciesView, PolicyView, policy_view
from services.matching.api.views.rehearsals import PreviewView, compared_view
from services.matching.commands.set_policy import SetPolicy, set_policy
from services.matching.commands.try_round import compare_policy
from services.matching.domain.programme_policy import PolicyVersion, ProgrammePolicy
from services.matching.store import known, policies
from shared.kernel.dates import today
from shared.messaging.freshness import require_fresh
from shared.storage.work import Work
from shared.web.bodies import Day, Slug
from shared.web.desk import Desk, json_response, needs, rendered
from shared.web.etags import etag

router = APIRouter(prefix="/v1/cities/{city}/policies/{programme}", tags=["policies"])


@router.get("", dependencies=[needs(READ_POLICY)], response_model=PolicyView, summary="A programme's policy on a day")
async def read_policy(programme: Slug, desk: Desk, on: Day | None = None) -> Response:
    """Today's if no day is named. The ETag is the newest version's, which the next one names in `If-Match`."""
    await known.programme(desk.reader, programme)
    desk.require(programme=programme)
    found = await policies.version_on(desk.reader, programme, on or today(desk.moment))
    newest = await policies.versions_of(desk.reader, programme, 1)
    view = policy_view(desk, found or ProgrammePolicy(programme))
    return json_response(view, 200, {"ETag": etag(newest[0].version if newest else 0)})


@router.get(
    "/versions", dependencies=[needs(READ_POLICY)], response_model=PoliciesView, summary="All versions of a policy"
)
async def list_versions(programme: Slug, desk: Desk) -> Response:
    """Newest first, each with who set it, when and why."""
    await known.programme(desk.reader, programme)
    desk.require(programme=programme)
    found = await policies.versions_of(desk.reader, programme)
    return JSONResponse({"items": [rendered(policy_view(desk, one)) for one in found]})


@router.put("", dependencies=[needs(SET_POLICY)], response_model=PolicyView, summary="Set a programme's policy")
async def put_policy(programme: Slug, body: PolicyBody, desk: Desk) -> Response:
    """All of it: what is left out has its default. Earlier versions stay; `If-Match` is `"0"` for the first one."""
    await require_whole(desk, await known.programme(desk.reader, programme))
    command = SetPolicy(body.policy(programme), body.because, desk.expected_version(), body.since)

    async def under_its_slug(work: Work) -> PolicyVersion:
        # A repeat is answered with this id: the one that the view has.
        return replace(await set_policy(work, command), id=programme)

    return await desk.commit(under_its_slug, view=lambda one: policy_view(desk, one), status=200)


@router.post(
    ":preview", dependencies=[needs(SET_POLICY)], response_model=PreviewView, summary="What a policy would change"
)
async def preview_policy(programme: Slug, body: RulesBody, desk: Desk) -> Response:
    """Nothing is stored. The last round is solved under both policies, and the answers are put beside each other."""
    await known.programme(desk.reader, programme)
    policy, day = body.policy(programme), today(desk.moment)
    for rules in (None, policy):
        await require_pool(desk, await policies.group_of(desk.reader, programme, day, rules))
    await require_fresh(desk.store, CONSENTS, "consents-stale")
    compared = await compare_policy(desk.store, desk.city, desk.extra["solver_pool"], policy)
    return json_response(compared_view(compared), 200, {})
