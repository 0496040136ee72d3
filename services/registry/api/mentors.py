"""What a mentor sees of her own families, and what her phone must forget."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field
from starlette.responses import Response

from services.registry.api.permissions import READ_OWN_FAMILIES
from services.registry.api.shapes import visible
from services.registry.api.views.contacts import ChannelView, FlatView, channel_views, flat_views, names_of
from services.registry.domain.engagements import Engagement
from services.registry.domain.people import Person
from services.registry.queries.own_families import OwnFamily, OwnTandems, own_families, own_tandems, to_forget
from services.registry.store.repositories import ENGAGEMENTS
from shared.kernel.clock import write_instant
from shared.kernel.dates import today
from shared.kernel.people import PersonName, first_name
from shared.messaging.freshness import require_fresh
from shared.storage.audit import AuditEntry
from shared.web.bodies import Page
from shared.web.cursors import LONGEST, Cursor, Limit, read_cursor, write_cursor
from shared.web.desk import Desk, RequestDesk, needs

router = APIRouter(prefix="/v1/cities/{city}/mentors/me", tags=["mentors"])

TANDEMS = "matching.tandems.v1"
Since = Annotated[str | None, Query(max_length=LONGEST, description="`sync` of the last list that the phone has kept.")]


class NamedPersonView(BaseModel):
    """A person as she is called."""

    id: str = Field(examples=["per_3c9k0000000000000000000000"])
    first_name: str = Field(examples=["Oksana"])
    telephone: str | None = None
    messenger: str | None = None


class OwnFamilyView(BaseModel):
    """A family, or a person alone (``family`` is null then), that the mentor is in a running tandem with."""

    tandem: str = Field(examples=["tan_3c9k0000000000000000000000"])
    since: str = Field(examples=["2026-01-20"], description="The day the tandem began.")
    programme: str
    engagement: str
    participation: str
    family: str | None
    persons: list[NamedPersonView]
    flats: list[FlatView] | None = Field(description="Null where the address is protected and not for her.")
    channels: list[ChannelView]


class ForgetView(BaseModel):
    """A tandem whose family the phone must forget now."""

    tandem: str = Field(examples=["tan_3c9k0000000000000000000000"])
    because: str = Field(
        examples=["tandem_ended"],
        description="`tandem_ended`, `participation_ended`, `engagement_left`, `erased` or `consent_gone`.",
    )


class OwnFamiliesPage(Page[OwnFamilyView]):
    """A page of families. The first one says what to forget and, in ``sync``, what to ask with the next time."""

    forget: list[ForgetView]
    whole: bool = Field(description="Whether the phone keeps what all pages show and nothing else.")
    sync: str | None


@router.get(
    "/families",
    dependencies=[needs(READ_OWN_FAMILIES)],
    response_model=OwnFamiliesPage,
    summary="The families that you accompany",
)
async def list_own_families(desk: Desk, limit: Limit = 50, cursor: Cursor = None, since: Since = None) -> Response:
    """First names, the way to the door, telephones, by tandem; opening them is in the audit before the answer leaves.

    With ``whole``, as always without ``since``, a phone keeps this list and nothing else. 503 `tandems-stale` while
    registry cannot know which tandems have ended.
    """
    fresh = await require_fresh(desk.store, TANDEMS, "tandems-stale")
    engagements = await ENGAGEMENTS.find(desk.reader, visible(desk.scope()))
    own = await own_tandems(desk.reader, engagements, today(desk.moment))
    after = await desk.after(cursor)
    rows = [pair for pair in own.shown if after is None or pair[0]["_id"] > after][: limit + 1]
    told: dict[str, Any] = {"forget": [], "whole": False, "sync": None}
    if cursor is None:
        told = await _sync(desk, engagements, own, since, write_instant(fresh))
    families = await own_families(desk.reader, rows)
    opened = await _open(desk, families[:limit])

    def view(row: OwnFamily) -> OwnFamilyView:
        return opened[row.tandem]

    return await desk.page(families, limit=limit, key=lambda row: row.tandem, view=view, beside=told)


async def _sync(
    desk: RequestDesk, engagements: Sequence[Engagement], own: OwnTandems, since: str | None, known_until: str
) -> dict[str, Any]:
    key, purpose = await desk.store.city_key(desk.city, "cursor"), f"own-families/{desk.principal.person}"
    sync = write_cursor(key, desk.city, purpose, known_until)
    if since is None:
        return {"forget": [], "whole": True, "sync": sync}
    found = await to_forget(desk.reader, engagements, own, read_cursor(key, desk.city, purpose, since))
    forget = [{"tandem": one.tandem, "because": one.because} for one in found.tandems]
    return {"forget": forget, "whole": found.whole, "sync": sync}


async def _open(desk: RequestDesk, families: Sequence[OwnFamily]) -> dict[str, OwnFamilyView]:
    """The families opened, by tandem; that they were is in the audit before this returns."""
    names = names_of(desk)
    reads = [AuditEntry("sealed.read", one.id, fields=("name", "telephone")) for row in families for one in row.people]
    for row in families:
        if row.contact is not None:
            fields = ("flats", "channels") if row.contact.known_to(names) else ("channels",)
            reads.append(AuditEntry("sealed.read", row.contact.id, fields=fields))
    if reads:
        await desk.store.note(desk.city, replace(desk.actor, purpose="visit"), *dict.fromkeys(reads))
    return {row.tandem: await _opened(desk, row, names) for row in families}


async def _opened(desk: RequestDesk, row: OwnFamily, names: frozenset[str]) -> OwnFamilyView:
    contact = row.contact
    known = contact is None or contact.known_to(names)
    where = await _plain(desk, row, "where") if known else None
    ways = await _plain(desk, row, "ways")
    return OwnFamilyView(
        tandem=row.tandem,
        since=row.since,
        programme=row.programme,
        engagement=row.engagement,
        participation=row.participation,
        family=row.family,
        persons=[await _person(desk, person) for person in row.people],
        flats=None if where is None else flat_views(where.get("flats", ())),
        channels=channel_views(ways.get("channels", ())),
    )


async def _plain(desk: RequestDesk, row: OwnFamily, part: str) -> Mapping[str, Any]:
    sealed = None if row.contact is None else getattr(row.contact, part)
    return {} if sealed is None else await desk.store.vault.open(desk.city, sealed)


async def _person(desk: RequestDesk, person: Person) -> NamedPersonView:
    plain = await desk.store.vault.open(desk.city, person.identity)
    name = PersonName(plain["as_documented"], plain.get("call_name"))
    return NamedPersonView(
        id=person.id,
        first_name=first_name(name),
        telephone=plain.get("telephone"),
        messenger=plain.get("messenger"),
    )
