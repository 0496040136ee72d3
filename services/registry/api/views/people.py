"""Views of people and families, and of what is decided about their data."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pydantic import BaseModel, Field

from services.registry import publishing
from services.registry.api.permissions import CONSENT, READ_PEOPLE, REGISTER
from services.registry.domain.consents import Consent
from services.registry.domain.erasures import Erasure
from services.registry.domain.people import Family, Person
from services.registry.domain.places import Organisation
from services.registry.domain.revocations import Revocation
from shared.contracts.base import Since
from shared.kernel.dates import today
from shared.web.bodies import View
from shared.web.desk import RequestDesk

Levels = dict[str, str]
LEVELS: Any = Field(examples=[{"uk": "native", "de": "A2"}])


class PersonView(View):
    """A person without what identifies her."""

    since: str = Field(examples=["2026-01"], description="The month in which she was registered.")


class IdentityView(BaseModel):
    """What is sealed of a person."""

    as_documented: str = Field(examples=["Oksana Beispiel"])
    call_name: str | None = None
    own_script: str | None = None
    variants: list[str] = Field(default_factory=list)
    telephone: str | None = None
    messenger: str | None = None
    birth_year: int | None = None
    birth_date: str | None = Field(None, examples=["1990-05-17"])


class OpenedPersonView(PersonView):
    """A person, opened for a purpose."""

    identity: IdentityView


class NamesView(BaseModel):
    """Names to be shown beside ids."""

    names: dict[str, str] = Field(examples=[{"per_3c9k0000000000000000000000": "Oksana"}])


class GuardianView(BaseModel):
    """Who may speak for a minor."""

    person: str | None = None
    organisation: str | None = None
    capacity: str


class MemberView(BaseModel):
    """Somebody of a family."""

    person: str | None = None
    relation: str | None = None
    birth: str | None = Field(None, examples=["2018"])
    source: str | None = None
    homes: list[str] = Field(default_factory=list)
    abroad: bool = False
    custody: bool | None = None
    may_be_told: bool | None = None
    kita: str | None = None
    guardians: list[GuardianView] = Field(default_factory=list)


class PregnancyView(BaseModel):
    """A pregnancy."""

    due: str = Field(examples=["2026-05"])
    unborn: int


class HouseholdView(BaseModel):
    """What is sealed of a family."""

    homes: list[str] = Field(default_factory=list)
    adults: list[MemberView] = Field(default_factory=list)
    children: list[MemberView] = Field(default_factory=list)
    pregnancies: list[PregnancyView] = Field(default_factory=list)
    single_parent: bool | None = None


class FamilyView(View):
    """A family; what is sealed only where it is opened for a purpose. No district is told of a protected one."""

    persons: list[str]
    adults: int
    children: int
    districts: list[Since]
    languages: Levels = LEVELS
    mother_tongues: list[str]
    reads: list[str]
    not_wished: list[str]
    protected: bool
    household: HouseholdView | None = None


class ResponsibleView(BaseModel):
    """A carrier that answers for what is kept: the law that binds it, and who watches over it."""

    organisation: str = Field(examples=["hafenverein"])
    name: str = Field(examples=["Hafenverein e. V."])
    legal_regime: str | None = Field(examples=["gdpr"])
    supervisory_authority: str | None = Field(examples=["Landesdatenschutz Nirgendland"])


class ConsentView(View):
    """A consent as it was given, and where it stands today; who gave it stays inside."""

    state: str = Field(examples=["given"], description="given, withdrawn or expired")
    subject: str
    purpose: str = Field(examples=["matching"])
    receiver: str | None
    scope: str | None
    capacity: str
    text: str
    text_version: int
    text_language: str
    how: str
    given_on: str
    expires_on: str | None
    withdrawn_at: str | None
    responsible: list[ResponsibleView] = Field(
        description="The carriers, in your reach, of where the subject takes part, as of the day it was given."
    )


class ErasureView(View):
    """How far an erasure is."""

    requested_at: str
    completed_at: str | None


class RevocationView(View):
    """What no longer holds."""

    token: str | None
    subject: str | None
    issued_before: str | None


def person_view(desk: RequestDesk) -> Callable[[Person], PersonView]:
    """The view of a person for this token; persons are shown to those only who may open them."""

    def view(person: Person) -> PersonView:
        actions = ["open"] * desk.may(READ_PEOPLE) + ["change"] * desk.may(REGISTER)
        return PersonView(id=person.id, version=person.version, since=person.since, actions=actions)

    return view


def family_view(desk: RequestDesk) -> Callable[[Family], FamilyView]:
    """The view of a family for this token; families are shown to those only whose it is to register them."""

    def view(family: Family) -> FamilyView:
        return FamilyView(
            id=family.id,
            version=family.version,
            actions=["change", "move"] if desk.may(REGISTER) else [],
            persons=list(family.persons),
            adults=family.adults,
            children=family.children,
            districts=list(publishing.since(family.districts)),
            languages=family.languages,
            mother_tongues=list(family.mother_tongues),
            reads=list(family.reads),
            not_wished=list(family.not_wished),
            protected=family.protected,
        )

    return view


def consent_view(
    desk: RequestDesk, responsible: Mapping[str, Sequence[Organisation]]
) -> Callable[[Consent], ConsentView]:
    """The view of a consent for this token, with who answers for it by the day on which it was given.

    Consents are shown to those only who keep them.
    """
    day = today(desk.moment)

    def view(consent: Consent) -> ConsentView:
        told = publishing.consent(consent).model_dump(mode="json", exclude={"id"})
        open_yet = consent.withdrawn_at is None and desk.may(CONSENT)
        head = {"id": consent.id, "version": consent.version, "state": consent.state(day)}
        carriers = [_responsible(one) for one in responsible[consent.given_on]]
        return ConsentView(actions=["withdraw"] if open_yet else [], responsible=carriers, **head, **told)

    return view


def erasure_view(erasure: Erasure) -> ErasureView:
    """An erasure."""
    return ErasureView(
        id=erasure.id,
        version=erasure.version,
        requested_at=erasure.requested_at,
        completed_at=erasure.completed_at,
    )


def revocation_view(revocation: Revocation) -> RevocationView:
    """A revocation."""
    return RevocationView(
        id=revocation.id,
        version=revocation.version,
        token=revocation.token,
        subject=revocation.subject,
        issued_before=revocation.issued_before,
    )


def _responsible(carrier: Organisation) -> ResponsibleView:
    return ResponsibleView(
        organisation=carrier.id,
        name=carrier.name,
        legal_regime=carrier.legal_regime,
        supervisory_authority=carrier.supervisory_authority,
    )
