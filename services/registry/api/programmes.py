"""Programmes over HTTP."""

from typing import Literal

from fastapi import APIRouter
from pydantic import Field
from starlette.responses import JSONResponse, Response

from services.registry import publishing
from services.registry.api.permissions import PROVIDE, READ_PLACES
from services.registry.commands import places as commands
from services.registry.domain.places import Module, Programme, Target
from services.registry.store.repositories import PROGRAMMES
from shared.kernel.dates import today
from shared.web.bodies import Body, Code, Count, Day, Name, ReferenceDate, Slug
from shared.web.desk import Desk, Rendered, needs

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

    def programme(self) -> Programme:
        """The programme that is asked for."""
        return Programme(
            id=self.slug,
            name=self.name,
            begin=self.begin,
            until=self.until,
            begin_as_stated=self.begin_as_stated,
            origin=self.origin,
            framework=self.framework,
            funders=tuple(self.funders),
            topics=tuple(self.topics),
            services=tuple(self.services),
            activities=tuple(self.activities),
            modules=tuple(Module(m.code, m.title, m.partner, m.required, tuple(m.topics)) for m in self.modules),
            certification=self.certification,
            targets=tuple(Target(t.indicator, t.at_least, t.at_most, t.by) for t in self.targets),
            sites=tuple(self.sites),
            closed=self.closed,
        )


@router.post("", dependencies=[needs(PROVIDE)], status_code=201, summary="Provide a programme")
async def provide_programme(body: ProgrammeBody, desk: Desk) -> Response:
    """A programme at known sites."""
    day = today(desk.moment)
    return await desk.commit(
        lambda work: commands.provide_programme(work, body.programme()), view=lambda saved: _view(saved, day)
    )


@router.get("", dependencies=[needs(READ_PLACES)], summary="List programmes")
async def list_programmes(desk: Desk) -> Response:
    """All of them, ended ones too, by slug."""
    found = await PROGRAMMES.find(desk.reader, {}, sort=[("_id", 1)])
    return JSONResponse({"items": [_view(entry, today(desk.moment)) for entry in found], "next": None})


@router.get("/{programme}", dependencies=[needs(READ_PLACES)], summary="Read a programme")
async def read_programme(programme: Slug, desk: Desk) -> Response:
    """The programme as it stands today."""
    found = await PROGRAMMES.get(desk.reader, programme)
    return desk.answer(found, _view(found, today(desk.moment)))


def _view(programme: Programme, day: str) -> Rendered:
    data = publishing.programme_on(programme, day).model_dump(mode="json")
    return data | {"id": programme.id, "version": programme.version}
