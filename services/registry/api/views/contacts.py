"""Views of contact data: those who may not know where get everything else."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pydantic import BaseModel, Field

from services.registry import publishing
from services.registry.api.permissions import REGISTER
from services.registry.domain.contacts import Contact, histories_from
from shared.contracts.base import Since
from shared.web.bodies import View
from shared.web.desk import RequestDesk


class FlatView(BaseModel):
    """Where they live, and the way to the door."""

    home: str | None = None
    street: str | None = Field(None, examples=["Musterweg"])
    number: str | None = None
    postcode: str | None = None
    town: str | None = None
    shelter: str | None = None
    room: str | None = None
    care_of: str | None = None
    door: str | None = Field(None, examples=["third bell from below, second floor on the left"])
    letterbox: bool = True


class ChannelView(BaseModel):
    """A telephone or messenger, and who may be called there, when and in which language."""

    kind: str = Field(examples=["telephone"])
    number: str | None = Field(None, examples=["+493023125042"])
    handle: str | None = None
    person: str | None = None
    whom: str | None = None
    times: list[str] = Field(default_factory=list, examples=[["wed-pm"]])
    language: str | None = None


class LettersView(BaseModel):
    """To whom letters go."""

    to: str
    language: str | None = None


class ContactView(View):
    """Contact data of a family or person, under its id; what is sealed is told where it is opened only."""

    protected: bool = Field(description="Whether only those named may know where they live.")


class OpenedContactView(ContactView):
    """Contact data, opened for a purpose. ``flats`` is null where they are not for the caller."""

    flats: list[FlatView] | None
    channels: list[ChannelView]
    letters: LettersView | None
    districts: dict[str, list[Since]] = Field(
        description="While the address is protected, to those named: of the family, or of each participation."
    )
    named: list[str] | None = Field(description="Who alone may know where; told to them.")


def names_of(desk: RequestDesk) -> frozenset[str]:
    """What the caller is named by, where somebody may know an address: the token's subject, a mentor's own id."""
    return frozenset(name for name in (desk.principal.subject, desk.principal.person) if name is not None)


def contact_view(desk: RequestDesk) -> Callable[[Contact], ContactView]:
    """The view of contact data for this token; they are shown to those only whose it is to register people."""

    def view(contact: Contact) -> ContactView:
        return ContactView(
            id=contact.id, version=contact.version, actions=_actions(desk, contact), protected=contact.protected
        )

    return view


def opened_contact_view(
    desk: RequestDesk, contact: Contact, where: Mapping[str, Any] | None, ways: Mapping[str, Any]
) -> OpenedContactView:
    """What was opened; ``where`` is ``None`` for those who may not know."""
    districts = {key: list(publishing.since(dated)) for key, dated in histories_from(where or {}).items()}
    letters = ways.get("letters")
    return OpenedContactView(
        **dict(contact_view(desk)(contact)),
        flats=None if where is None else flat_views(where.get("flats", ())),
        channels=channel_views(ways.get("channels", ())),
        letters=None if letters is None else LettersView(**letters),
        districts=districts,
        named=list(contact.named) if contact.named is not None and where is not None else None,
    )


def flat_views(flats: Sequence[Mapping[str, Any]]) -> list[FlatView]:
    """Flats as they were sealed."""
    return [FlatView(**flat) for flat in flats]


def channel_views(channels: Sequence[Mapping[str, Any]]) -> list[ChannelView]:
    """Telephones and messengers as they were sealed."""
    return [ChannelView(**channel) for channel in channels]


def _actions(desk: RequestDesk, contact: Contact) -> list[str]:
    if not desk.may(REGISTER):
        return []
    if not contact.known_to(names_of(desk)):
        return ["change"]
    return ["change", "protect", *(["lift"] if contact.protected else [])]
