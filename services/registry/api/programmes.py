"""Programmes over HTTP."""

from typing import Literal

from fastapi import APIRouter
from pydantic import Field
from starlette.responses import Response

from services.registry.api.permissions import PROVIDE, READ_PLACES, STEER
from services.registry.api.shapes import narrowed, special_key, tuples
from services.registry.api.views.places import ProgrammeView, SealedProgrammeView, programme_view
from services.registry.commands import programmes as commands
from services.registry.domain.places import CaseDecision, Module, Programme, Target
from services.registry.domain.topics import sort_out, special_token
from services.registry.store.repositories import PROGRAMMES
from shared.kernel.errors import Finding, Refused
from shared.kernel.sealed import Sealed
from shared.web.bodies import Body, Code, Count, Day, Name, Page, ReferenceDate, Slug, TandemId, changes
from shared.web.cursors import Cursor, Limit
from shared.web.desk import Desk, needs

router = APIRouter(prefix="/v1/cities/{city}/programmes", tags=["programmes"])


class ModuleBody(Body):
    """A module and the topics that it qualifies for."""

    code: Code
    title: Name
    partner: Name | None = None
    required: bool = True
    topics: list[Code] = Field(default_factory=list)


class TargetBody(Body):
    """An indicator and its bounds."""

    indicator: Code = Field(examples=["volunteers_won"])
    at_least: Count | None = Field(None, examples=[8])
    at_most: Count | None = None
    by: Day | None = None


class ProgrammeBody(Body):
    """A programme; ``until`` is the day after its last."""

    slug: Slug = Field(examples=["offizielle-nachbarin"])
    name: Name = Field(examples=["Die offizielle Nachbarin"])
    begin: Day | None = Field(None, examples=["2010-03-01"])
    until: Day | None = Field(None, examples=["2011-01-01"])
    begin_as_stated: ReferenceDate | None = None
    origin: Name | None = None
    framework: Name | None = None
    funders: list[Name] = Field(default_factory=list)
    topics: list[Code] = Field(default_factory=list)
    services: list[Code] = Field(default_factory=list)
    activities: list[Code] = Field(default_factory=list)
    modules: list[ModuleBody] = Field(default_factory=list)
    certification: Literal["by_decision", "automatic"] = "by_decision"
    targets: list[TargetBody] = Field(default_factory=list)
    sites: list[Slug] = Field(default_factory=list)
    closed: bool = Field(False, description="Whether it has ended, where no last day is known.")
    special: bool = Field(False, description="Of special kind: slug and name are neutral then.")
    telling_name: Name | None = Field(None, description="Sealed; only for programmes of special kind.")
    special_topics: list[Code] = Field(default_factory=list, description="Sealed; told as opaque tokens, by consent.")

    def programme(self, key: bytes, sealed: Sealed | None) -> Programme:
        """The programme that is asked for; ``key`` turns special topics into tokens."""
        tokens = tuple(sorted(special_token(key, self.slug, code) for code in dict.fromkeys(self.special_topics)))
        return Programme(
            id=self.slug,
            name=self.name,
            begin=self.begin,
            until=self.until,
            begin_as_stated=self.begin_as_stated,
            origin=self.origin,
            framework=self.framework,
            funders=tuple(self.funders),
            topics=sort_out(key, self.slug, tokens, tuple(self.topics)).plain,
            services=tuple(self.services),
            activities=tuple(self.activities),
            modules=tuple(self._module(module, key, tokens) for module in self.modules),
            certification=self.certification,
            targets=tuple(Target(t.indicator, t.at_least, t.at_most, t.by) for t in self.targets),
            sites=tuple(self.sites),
            closed=self.closed,
            special=self.special,
            special_topics=tokens,
            sealed=sealed,
        )

    def _module(self, module: ModuleBody, key: bytes, tokens: tuple[str, ...]) -> Module:
        topics = sort_out(key, self.slug, tokens, tuple(module.topics))
        return Module(module.code, module.title, module.partner, module.required, topics.plain, topics.special)


class ProgrammePatch(Body):
    """What may be changed of a programme; lists are replaced."""

    targets: list[TargetBody] | None = None
    topics: list[Code] | None = None
    services: list[Code] | None = None
    funders: list[Name] | None = None
    until: Day | None = Field(None, examples=["2026-10-01"])


class CaseBody(Body):
    """Why a tandem stays open though its programme ends."""

    case: TandemId
    reason: Code = Field(examples=["handed_over"])


class EndBody(Body):
    """``until`` is the day after the last; today where it is left out."""

    until: Day | None = Field(None, examples=["2026-10-01"])
    decisions: list[CaseBody] = Field(default_factory=list)


@router.post(
    "", dependencies=[needs(PROVIDE)], status_code=201, response_model=ProgrammeView, summary="Provide a programme"
)
async def provide_programme(body: ProgrammeBody, desk: Desk) -> Response:
    """A programme at known sites."""
    if body.telling_name is not None and not body.special:
        raise Refused("invalid", (Finding("/special", "needed-for-telling-name", "true"),))
    sealed = None
    if body.special_topics or body.telling_name is not None:
        told = {"telling_name": body.telling_name, "special_topics": body.special_topics}
        sealed = await desk.seal(f"programme:{body.slug}", told)
    programme = body.programme(await special_key(desk), sealed)
    return await desk.commit(lambda work: commands.provide_programme(work, programme), view=programme_view(desk))


@router.get("", dependencies=[needs(READ_PLACES)], response_model=Page[ProgrammeView], summary="List programmes")
async def list_programmes(desk: Desk, limit: Limit = 200, cursor: Cursor = None) -> Response:
    """All of them, ended ones too, by slug."""
    query = narrowed({}, after=await desk.after(cursor))
    found = await PROGRAMMES.find(desk.reader, query, sort=[("_id", 1)], limit=limit + 1)
    return await desk.page(found, limit=limit, key=lambda row: row.id, view=programme_view(desk))


@router.get("/{programme}", dependencies=[needs(READ_PLACES)], response_model=ProgrammeView, summary="Read a programme")
async def read_programme(programme: Slug, desk: Desk) -> Response:
    """The programme as it stands today, without what is sealed."""
    found = await PROGRAMMES.get(desk.reader, programme)
    return desk.answer(found, programme_view(desk)(found))


@router.get(
    "/{programme}/sealed",
    dependencies=[needs(STEER)],
    response_model=SealedProgrammeView,
    summary="Open what is sealed of a programme",
)
async def open_programme(programme: Slug, desk: Desk, purpose: Code) -> Response:
    """The telling name and the special topics, for a purpose; audited before the answer leaves."""
    found = await PROGRAMMES.get(desk.reader, programme)
    desk.require(programme=found.id)
    told = {}
    if found.sealed is not None:
        told = await desk.open(found.sealed, ("telling_name", "special_topics"), purpose)
    return desk.answer(found, SealedProgrammeView(id=found.id, version=found.version, **told))


@router.patch("/{programme}", dependencies=[needs(STEER)], response_model=ProgrammeView, summary="Change a programme")
async def change_programme(programme: Slug, body: ProgrammePatch, desk: Desk) -> Response:
    """Targets, topics, services, funders, end."""
    desk.require(programme=programme)
    expected = desk.expected_version()
    values = {name: [] if value is None and name != "until" else value for name, value in changes(body).items()}
    if "targets" in values:
        values["targets"] = tuple(Target(**target) for target in values["targets"])
    if "topics" in values:
        found = await PROGRAMMES.get(desk.reader, programme)
        key = await special_key(desk)
        values["topics"] = sort_out(key, programme, found.special_topics, tuple(values["topics"])).plain
    new = tuples(values)
    return await desk.commit(
        lambda work: commands.change_programme(work, programme, expected, new), view=programme_view(desk), status=200
    )


@router.post(
    "/{programme}:end",
    dependencies=[needs(STEER, may_match=True)],
    response_model=ProgrammeView,
    summary="End a programme",
)
async def end_programme(programme: Slug, body: EndBody, desk: Desk) -> Response:
    """*Ending* while tandems are open that nobody decided about, then *ended*."""
    desk.require(programme=programme)
    decided = tuple(CaseDecision(entry.case, entry.reason) for entry in body.decisions)
    return await desk.commit(
        lambda work: commands.end_programme(work, programme, body.until, decided), view=programme_view(desk), status=200
    )
