"""Searching people, and asking before an entry whether somebody is known. Names are in bodies, never in an address."""

import hmac
from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import APIRouter
from pydantic import ConfigDict, Field, StringConstraints
from starlette.responses import JSONResponse, Response

from services.registry.api.duplicates import possible_duplicates
from services.registry.api.names import opened_names
from services.registry.api.permissions import READ_PEOPLE, REGISTER
from services.registry.api.reach import seen_of
from services.registry.api.shapes import search_key
from services.registry.api.views.people import person_view
from services.registry.api.views.search import DuplicatesView, FoundPersonView
from services.registry.domain.people import Person
from services.registry.domain.search import FEWEST_LETTERS, LEVELS, wanted
from services.registry.domain.spelling import folded, letter_count
from services.registry.queries.search import all_people, people_at, people_by_id
from shared.kernel.errors import Finding, Refused
from shared.kernel.people import display
from shared.web.bodies import Body, Name, Page, ReferenceDate
from shared.web.cursors import Cursor, Limit
from shared.web.desk import Desk, RequestDesk, needs
from shared.web.problems import WireRefusal

router = APIRouter(prefix="/v1/cities/{city}", tags=["people"])

_BY_ID: Final = "id"


class SearchBody(Body):
    """A name, in any script and order, or the beginning of an id; one of the two."""

    model_config = ConfigDict(json_schema_extra={"example": {"name": "Julia Beispiel"}})

    name: Name | None = Field(None, description="At least two letters.")
    id: Annotated[str, StringConstraints(pattern=r"^per_[0-7][0-9a-hjkmnp-tv-z]{3,25}$")] | None = None


class CheckBody(Body):
    """What would be entered."""

    as_documented: Name = Field(examples=["Julia Beispiel"])
    own_script: Name | None = Field(None, examples=["Юлія"])
    variants: list[Name] = Field(default_factory=list)
    birth_date: ReferenceDate | None = Field(None, examples=["1990-05-17"])


@dataclass(frozen=True, slots=True)
class _Hit:
    person: Person
    level: str


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a page begins: behind an id of a level."""

    level: str
    after: str


@router.post(
    "/people:search",
    dependencies=[needs(READ_PEOPLE)],
    response_model=Page[FoundPersonView],
    summary="Search people by name or id",
)
async def search_people(body: SearchBody, desk: Desk, limit: Limit = 50, cursor: Cursor = None) -> Response:
    """Those in reach: who has the words themselves, then by transliteration and sound, then by the first letters.

    Only the page is opened; that is in the audit before the answer leaves.
    """
    _require_one(body)
    mark = await _mark(desk, body)
    place = _place(await desk.after(cursor), mark)
    hits = await _hits(desk, body, place, limit + 1)
    names = await opened_names(desk, [hit.person for hit in hits[:limit]], "search")

    def view(hit: _Hit) -> FoundPersonView:
        name, shown = names[hit.person.id], dict(person_view(desk)(hit.person))
        return FoundPersonView(**shown, name=display(name), as_documented=name.as_documented, match=hit.level)

    return await desk.page(hits, limit=limit, key=lambda hit: f"{hit.level}:{hit.person.id}:{mark}", view=view)


@router.post(
    "/people:check",
    dependencies=[needs(REGISTER)],
    response_model=DuplicatesView,
    summary="Ask whether a person is known already",
)
async def check_person(body: CheckBody, desk: Desk) -> Response:
    """Before she is entered; nothing is stored but that it was asked."""
    found = await possible_duplicates(desk, body.model_dump(mode="json", exclude_none=True))
    return JSONResponse(found.model_dump(mode="json"))


async def _hits(desk: RequestDesk, body: SearchBody, place: _Place | None, limit: int) -> list[_Hit]:
    """The first hits in reach from a place on, ``limit`` of them or a few more."""
    words = wanted(await search_key(desk), body.name or "")
    few = None if place or body.id else await all_people(desk.reader, words, limit)
    if few is not None:
        seen = {person.id for person in await seen_of(desk, [person for person, _ in few])}
        return [_Hit(person, level) for person, level in few if person.id in seen]
    hits: list[_Hit] = []
    levels = (_BY_ID,) if body.id else LEVELS
    for level in levels[levels.index(place.level) if place else 0 :]:
        after = place.after if place and level == place.level else None
        while len(hits) < limit:
            if body.id:
                found = await people_by_id(desk.reader, body.id, after, limit)
            else:
                found = await people_at(desk.reader, words, level, after, limit)
            hits += [_Hit(person, level) for person in await seen_of(desk, found)]
            if len(found) < limit:
                break
            after = found[-1].id
    return hits[:limit]


def _require_one(body: SearchBody) -> None:
    if (body.name is None) == (body.id is None):
        raise Refused("invalid", (Finding("/name", "missing", "either a name or the beginning of an id"),))
    if body.name is not None and letter_count(body.name) < FEWEST_LETTERS:
        raise Refused("invalid", (Finding("/name", "too-short", f">= {FEWEST_LETTERS} letters"),))


async def _mark(desk: RequestDesk, body: SearchBody) -> str:
    """What was asked for, as it may stand in a cursor: a cursor is good for one question only."""
    asked = body.id or folded(body.name or "")
    return hmac.digest(await search_key(desk), f"asked\0{asked}".encode(), "sha256")[:8].hex()


def _place(position: str | None, mark: str) -> _Place | None:
    if position is None:
        return None
    level, after, asked = position.split(":")
    if asked != mark:
        raise WireRefusal(400, "cursor-form")
    return _Place(level, after)
