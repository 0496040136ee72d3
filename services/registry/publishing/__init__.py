"""Aggregates as contracts: the only room of registry that knows both words."""

from typing import Any

from services.registry.domain.consents import Consent
from services.registry.domain.engagements import Engagement
from services.registry.domain.outcomes import Attendance, Cohort, Outcome
from services.registry.domain.participations import Participation
from services.registry.domain.people import Family, Person
from services.registry.domain.places import Programme
from services.registry.domain.revocations import Revocation
from services.registry.publishing.places import city, modules_of, organisation, programme_on, since, site
from shared.contracts import registry as contracts
from shared.contracts.base import Contract
from shared.contracts.places import Module
from shared.kernel.dates import value_on

# Those of places are in a module of their own, and said here as all others are.
__all__ = ["city", "organisation", "programme_on", "since", "site"]


def person(aggregate: Person) -> contracts.PersonV1:
    """The person's event: that she is there."""
    return contracts.PersonV1(id=aggregate.id, since=aggregate.since)


def family(aggregate: Family) -> contracts.FamilyV1:
    """The family's event."""
    return contracts.FamilyV1(
        id=aggregate.id,
        adults=aggregate.adults,
        children=aggregate.children,
        districts=since(aggregate.districts),
        languages=aggregate.languages,
    )


def superseded(before: Contract, after: Contract, counted: type[Contract]) -> dict[str, Any] | None:
    """The counted fields of ``before``, where they differ from those of ``after``; to be kept as a version."""
    fields = set(counted.model_fields)
    old, new = (state.model_dump(mode="json", include=fields) for state in (before, after))
    return None if old == new else old


def engagement(aggregate: Engagement, programme: Programme, day: str) -> contracts.EngagementV1:
    """The engagement's event, with what its programme makes of it on a day."""
    stage: Any = aggregate.stage(programme, day)
    gender: Any = aggregate.gender
    gender_wish: Any = aggregate.gender_wish
    levels = aggregate.languages or {}
    return contracts.EngagementV1(
        id=aggregate.id,
        person=aggregate.person,
        programme=aggregate.programme,
        role=aggregate.role,
        date=aggregate.date,
        first=aggregate.first,
        stage=stage,
        site=aggregate.counted_at.site,
        sites=since(aggregate.sites),
        carrier=aggregate.counted_at.carrier,
        district=aggregate.counted_at.district,
        languages=tuple(levels) or aggregate.erased_languages,
        levels=levels,
        reach=aggregate.reach,
        topics=aggregate.topics,
        qualified=aggregate.qualified(programme),
        modules_missing=aggregate.missing(programme),
        needs_certificate=aggregate.needs_certificate(programme),
        slots=aggregate.slots,
        capacity=aggregate.capacity,
        excluded=aggregate.excluded,
        special=aggregate.told_special(programme),
        gender=gender,
        gender_wish=gender_wish,
        certified_on=aggregate.certified_on,
        left_on=aggregate.left_on,
        clearance_until=aggregate.proved_until(programme, day),
        recorded_at=aggregate.recorded_at,
        versions=tuple(contracts.EngagementVersion.model_validate(entry) for entry in aggregate.versions),
    )


def participation(aggregate: Participation) -> contracts.ParticipationV1:
    """The participation's event."""
    gender: Any = aggregate.gender
    gender_wish: Any = aggregate.gender_wish
    levels = aggregate.languages or {}
    return contracts.ParticipationV1(
        id=aggregate.id,
        family=aggregate.family,
        person=aggregate.person,
        programme=aggregate.programme,
        date=aggregate.date,
        first=aggregate.first,
        site=aggregate.counted_at.site,
        sites=since(aggregate.sites),
        carrier=aggregate.counted_at.carrier,
        district=value_on(aggregate.districts, aggregate.date),
        districts=since(aggregate.districts),
        languages=tuple(levels) or aggregate.erased_languages,
        levels=levels,
        not_wished=aggregate.unwished,
        topics=aggregate.topics,
        wishes=aggregate.wishes,
        slots=aggregate.slots,
        gender=gender,
        gender_wish=gender_wish,
        urgent=aggregate.urgent,
        interpreter=aggregate.interpreter,
        waiting_since=aggregate.waiting_since,
        excluded=aggregate.excluded,
        special=aggregate.special if aggregate.tells_special else (),
        ended_on=aggregate.ended_on,
        ended_because=aggregate.ended_because,
        access_route=aggregate.access_route,
        recorded_at=aggregate.recorded_at,
        versions=tuple(contracts.ParticipationVersion.model_validate(entry) for entry in aggregate.versions),
    )


def consent(aggregate: Consent) -> contracts.ConsentV1:
    """The consent's event."""
    purpose: Any = aggregate.purpose
    return contracts.ConsentV1(
        id=aggregate.id,
        subject=aggregate.subject,
        purpose=purpose,
        receiver=aggregate.receiver,
        scope=aggregate.scope,
        capacity=aggregate.capacity,
        text=aggregate.text,
        text_version=aggregate.text_version,
        text_language=aggregate.text_language,
        how=aggregate.how,
        given_on=aggregate.given_on,
        expires_on=aggregate.expires_on,
        withdrawn_at=aggregate.withdrawn_at,
    )


def cohort(aggregate: Cohort, programme: Programme) -> contracts.CohortV1:
    """The cohort's event."""
    return contracts.CohortV1(
        id=aggregate.id,
        programme=aggregate.programme,
        name=aggregate.name,
        opened_on=aggregate.opened_on,
        enrolled=aggregate.enrolled,
        places=aggregate.places,
        waiting=len(aggregate.waiting),
        modules=_taught(aggregate, programme),
    )


def attendance(aggregate: Attendance) -> contracts.AttendanceV1:
    """The attendance's event."""
    state: Any = aggregate.state
    return contracts.AttendanceV1(
        id=aggregate.id,
        cohort=aggregate.cohort,
        engagement=aggregate.engagement,
        programme=aggregate.programme,
        module=aggregate.module,
        date=aggregate.date,
        state=state,
        minutes=aggregate.minutes,
        made_up_on=aggregate.made_up_on,
        status=aggregate.status,
        versions=tuple(contracts.AttendanceVersion.model_validate(entry) for entry in aggregate.versions),
        site=aggregate.place.site,
        carrier=aggregate.place.carrier,
        district=aggregate.place.district,
        recorded_at=aggregate.recorded_at,
    )


def outcome(aggregate: Outcome) -> contracts.OutcomeV1:
    """The outcome's event."""
    return contracts.OutcomeV1(
        id=aggregate.id,
        programme=aggregate.programme,
        kind=aggregate.kind,
        date=aggregate.date,
        engagement=aggregate.engagement,
        participation=aggregate.participation,
        status=aggregate.status,
        versions=tuple(contracts.OutcomeVersion.model_validate(entry) for entry in aggregate.versions),
        site=aggregate.place.site,
        carrier=aggregate.place.carrier,
        district=aggregate.place.district,
        recorded_at=aggregate.recorded_at,
    )


def revocation(aggregate: Revocation) -> contracts.RevocationV1:
    """The revocation's event."""
    return contracts.RevocationV1(
        id=aggregate.id, token=aggregate.token, subject=aggregate.subject, issued_before=aggregate.issued_before
    )


def _taught(aggregate: Cohort, programme: Programme) -> tuple[Module, ...]:
    partners = {plan.code: plan.partner for plan in aggregate.plan if plan.partner is not None}
    return tuple(
        module.model_copy(update={"partner": partners.get(module.code, module.partner)})
        for module in modules_of(programme.teaching(aggregate.opened_on).modules)
    )
