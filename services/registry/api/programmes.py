"""Programmes over HTTP."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import Field
from starlette.responses import Response

from services.registry.api.axes import AskedAxes, first_known
from services.registry.api.permissions import PROVIDE, READ_PLACES, STEER
from services.registry.api.reach import require_whole
from services.registry.api.referred import require_named
from services.registry.api.shapes import narrowed, special_key, tuples
from services.registry.api.views.places import (
    ProgrammeView,
    RolesView,
    SealedProgrammeView,
    programme_view,
    roles_view,
)
from services.registry.commands import programmes as commands
from services.registry.domain.kinds import ProgrammeKind
from services.registry.domain.modules import Module
from services.registry.domain.places import CaseDecision, Programme
from services.registry.domain.roles import RoleHeld
from services.registry.domain.terms import Target
from services.registry.domain.topics import sort_out, special_token
from services.registry.store.repositories import PROGRAMMES
from shared.kernel.errors import Finding, Refused
from shared.kernel.sealed import Sealed
from shared.web.bodies import Body, Code, Count, Day, Name, Page, PersonId, ReferenceDate, Slug, TandemId, changes
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

    def module(self, key: bytes, programme: str, special: tuple[str, ...]) -> Module:
        """As the programme keeps it; ``key`` turns its topics among the ``special`` ones into tokens."""
        topics = sort_out(key, programme, special, tuple(self.topics))
        return Module(self.code, self.title, self.partner, self.required, topics.plain, topics.special)


class TargetBody(Body):
    """An indicator and its bounds: at least, at most, or both; for whom, and by which day."""

    indicator: Code = Field(examples=["volunteers_won"])
    at_least: Count | None = Field(None, examples=[8])
    at_most: Count | None = Field(None, examples=[20])
    by: Day | None = Field(None, examples=["2010-12-31"])
    for_whom: Code | None = Field(None, description="The group that is counted, as a code; all where left out.")

    @property
    def target(self) -> Target:
        """The target that is meant."""
        return Target(self.indicator, self.at_least, self.at_most, self.by, self.for_whom)


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
    kind: ProgrammeKind | None = Field(None, description="A neutral one (mentoring, group, other) where it is special.")
    aims: list[Name] = Field(default_factory=list, description="Sealed where the programme is of special kind.")
    districts: list[Slug] = Field(default_factory=list, description="Where it works; none means all of the city.")

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
            modules=tuple(module.module(key, self.slug, tokens) for module in self.modules),
            certification=self.certification,
            targets=tuple(target.target for target in self.targets),
            sites=tuple(self.sites),
            closed=self.closed,
            special=self.special,
            special_topics=tokens,
            sealed=sealed,
            kind=self.kind,
            aims=() if self.special else tuple(self.aims),
            districts=tuple(self.districts),
        )


class ProgrammePatch(Body):
    """What may be changed of a programme; lists are replaced.

    Targets, topics, services, activities, funders, certification and modules hold from ``since`` on: what was recorded
    for earlier days stays. To correct what was wrong from the beginning, name the first day.
    """

    since: Day | None = Field(
        None,
        examples=["2026-07-01"],
        description="Left out: today, or the last day of a programme that is over.",
    )
    targets: list[TargetBody] | None = None
    topics: list[Code] | None = None
    services: list[Code] | None = None
    activities: list[Code] | None = None
    funders: list[Name] | None = None
    certification: Literal["by_decision", "automatic"] | None = None
    modules: list[ModuleBody] | None = Field(
        None, description="A cohort is judged by those of the day on which it began; who is certified stays so."
    )
    until: Day | None = Field(None, examples=["2026-10-01"])
    kind: ProgrammeKind | None = None
    aims: list[Name] | None = None
    districts: list[Slug] | None = None
    sites: list[Slug] | None = None

    def values(self) -> dict[str, Any]:
        """What was sent, as the programme keeps it; null empties a list, and means what a new programme has else."""
        sent = {name: value for name, value in changes(self).items() if name != "since"}
        empty: dict[str, Any] = {"until": None, "kind": None, "certification": "by_decision"}
        values = {
            name: empty.get(name, []) if value is None else value for name, value in sent.items() if name != "since"
        }
        if self.targets is not None:
            values["targets"] = tuple(target.target for target in self.targets)
        return tuples(values)


class RoleBody(Body):
    """A person in a role; ``until`` is the day after the last."""

    role: Code = Field(examples=["coordinator"])
    person: PersonId
    since: Day = Field(examples=["2025-10-01"])
    until: Day | None = None
    deputy: bool = Field(False, description="Whether she stands in for others in that role.")


class RolesBody(Body):
    """All roles of a programme, those that are over too."""

    roles: list[RoleBody] = Field(max_length=200)


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
    if body.special_topics or body.telling_name is not None or (body.special and body.aims):
        told = {"telling_name": body.telling_name, "special_topics": body.special_topics}
        told |= {"aims": body.aims} if body.special else {}
        sealed = await desk.seal(f"programme:{body.slug}", told)
    programme = body.programme(await special_key(desk), sealed)
    return await desk.commit(lambda work: commands.provide_programme(work, programme), view=programme_view(desk))


@router.get("", dependencies=[needs(READ_PLACES)], response_model=Page[ProgrammeView], summary="List programmes")
async def list_programmes(desk: Desk, axes: AskedAxes, limit: Limit = 200, cursor: Cursor = None) -> Response:
    """All of them that were known, ended ones too, by slug, with the terms of the day."""
    query = narrowed(first_known("terms", axes), after=await desk.after(cursor))
    found = await PROGRAMMES.find(desk.reader, query, sort=[("_id", 1)], limit=limit + 1)
    return await desk.page(found, limit=limit, key=lambda row: row.id, view=programme_view(desk, axes))


@router.get("/{programme}", dependencies=[needs(READ_PLACES)], response_model=ProgrammeView, summary="Read a programme")
async def read_programme(programme: Slug, desk: Desk, axes: AskedAxes) -> Response:
    """The programme as it stands on the day, without what is sealed; ended ones too.

    What nobody knew of at the instant asked for is not there.
    """
    found = await PROGRAMMES.get(desk.reader, programme)
    axes.require(found.terms, "programme")
    return desk.answer(found, programme_view(desk, axes)(found))


@router.get("/{programme}/roles", dependencies=[needs(STEER)], response_model=RolesView, summary="Who has which role")
async def read_roles(
    programme: Slug, desk: Desk, as_of: Annotated[Day | None, Query(description="Only those held on this day.")] = None
) -> Response:
    """Roles and deputies with their days, the persons by their ids."""
    found = await PROGRAMMES.get(desk.reader, programme)
    await require_whole(desk, found.id)
    return desk.answer(found, roles_view(as_of)(found))


@router.put("/{programme}/roles", dependencies=[needs(STEER)], response_model=RolesView, summary="Assign roles")
async def assign_roles(programme: Slug, body: RolesBody, desk: Desk) -> Response:
    """All roles, instead of those that it had."""
    await require_whole(desk, programme)
    expected = desk.expected_version()
    held = {one.person for one in (await PROGRAMMES.get(desk.reader, programme)).roles}
    named = ((f"/roles/{number}/person", one.person) for number, one in enumerate(body.roles))
    await require_named(desk, *named, known=held)
    roles = tuple(RoleHeld(one.role, one.person, one.since, one.until, one.deputy) for one in body.roles)
    return await desk.commit(
        lambda work: commands.assign_roles(work, programme, expected, roles), view=roles_view(), status=200
    )


@router.get(
    "/{programme}/sealed",
    dependencies=[needs(STEER)],
    response_model=SealedProgrammeView,
    summary="Open what is sealed of a programme",
)
async def open_programme(programme: Slug, desk: Desk, purpose: Code) -> Response:
    """The telling name and the special topics, for a purpose; audited before the answer leaves."""
    found = await PROGRAMMES.get(desk.reader, programme)
    await require_whole(desk, found.id)
    told = {}
    if found.sealed is not None:
        told = await desk.open(found.sealed, ("telling_name", "special_topics", "aims"), purpose)
    return desk.answer(found, SealedProgrammeView(id=found.id, version=found.version, **told))


@router.patch("/{programme}", dependencies=[needs(STEER)], response_model=ProgrammeView, summary="Change a programme")
async def change_programme(programme: Slug, body: ProgrammePatch, desk: Desk) -> Response:
    """Terms from a day on, its end, and what it is."""
    await require_whole(desk, programme, joining=body.sites or ())
    expected = desk.expected_version()
    new = body.values()
    if "topics" in new or "modules" in new:
        special = (await PROGRAMMES.get(desk.reader, programme)).special_topics
        key = await special_key(desk)
        if "topics" in new:
            new["topics"] = sort_out(key, programme, special, new["topics"]).plain
        if "modules" in new:
            new["modules"] = tuple(module.module(key, programme, special) for module in body.modules or ())
    return await desk.commit(
        lambda work: commands.change_programme(work, programme, expected, new, body.since),
        view=programme_view(desk),
        status=200,
    )


@router.post(
    "/{programme}:end",
    dependencies=[needs(STEER, may_match=True)],
    response_model=ProgrammeView,
    summary="End a programme",
)
async def end_programme(programme: Slug, body: EndBody, desk: Desk) -> Response:
    """*Ending* while tandems are open that nobody decided about, then *ended*."""
    await require_whole(desk, programme)
    decided = tuple(CaseDecision(entry.case, entry.reason) for entry in body.decisions)
    return await desk.commit(
        lambda work: commands.end_programme(work, programme, body.until, decided), view=programme_view(desk), status=200
    )
