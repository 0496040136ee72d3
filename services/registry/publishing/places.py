"""Cities, organisations, sites and programmes as contracts."""

from typing import Any

from services.registry.domain.modules import Module
from services.registry.domain.places import City, Organisation, Programme, Site
from services.registry.domain.terms import Target, Terms
from shared.contracts import places as contracts
from shared.contracts.base import Since, SinceRecorded
from shared.kernel.dates import Dated
from shared.kernel.recorded import Recorded, known


def since(history: tuple[Dated[str], ...]) -> tuple[Since, ...]:
    """A dated list as contracts have it."""
    return tuple(Since(since=entry.since, value=entry.value) for entry in history)


def city(aggregate: City) -> contracts.CityV1:
    """The city's event."""
    districts = tuple(
        contracts.District(
            slug=d.slug, name=d.name, latitude=d.latitude, longitude=d.longitude,
            neighbours=d.neighbours, population=d.population, population_year=d.population_year, part_of=d.part_of,
        )
        for d in aggregate.places
    )  # fmt: skip
    return contracts.CityV1(
        slug=aggregate.id,
        name=aggregate.name,
        state=aggregate.state,
        licence=aggregate.licence,
        districts=districts,
        model_regions=aggregate.model_regions,
        social_spaces=tuple(
            contracts.SocialSpace(slug=s.slug, name=s.name, districts=s.districts, model_region=s.model_region)
            for s in aggregate.social_spaces
        ),
    )


def organisation(aggregate: Organisation) -> contracts.OrganisationV1:
    """The organisation's event."""
    return contracts.OrganisationV1(
        slug=aggregate.id,
        name=aggregate.name,
        roles=aggregate.roles,
        services=aggregate.services,
        legal_regime=aggregate.legal_regime,
        supervisory_authority=aggregate.supervisory_authority,
    )


def site(aggregate: Site, known_at: str | None = None) -> contracts.SiteV1:
    """The site's event; as it would have been at an instant, where one is named."""
    return contracts.SiteV1(
        slug=aggregate.id,
        name=aggregate.name,
        district=aggregate.district,
        carriers=since(known(aggregate.carriers, known_at)),
        since=aggregate.since,
        carriers_recorded=tuple(
            SinceRecorded(since=entry.since, value=entry.value, recorded_at=entry.at or None)
            for entry in aggregate.carriers
            if known_at is None or entry.at <= known_at
        ),
    )


def programme_on(aggregate: Programme, day: str, known_at: str | None = None) -> contracts.ProgrammeV1:
    """The programme's event, as it stands on a day; with the terms known at an instant, where one is named."""
    held = aggregate.on(day, known_at)
    state: Any = held.state(day)
    certification: Any = held.certification
    return contracts.ProgrammeV1(
        slug=held.id,
        name=held.name,
        special=held.special,
        begin=held.begin,
        until=held.until,
        begin_as_stated=held.begin_as_stated,
        state=state,
        origin=held.origin,
        framework=held.framework,
        funders=held.funders,
        topics=held.topics,
        services=held.services,
        activities=held.activities,
        modules=modules_of(held.modules),
        certification=certification,
        targets=_targets(held.targets),
        sites=held.sites,
        kind=held.kind,
        districts=held.districts,
        terms=tuple(_terms(entry) for entry in held.terms if known_at is None or entry.at <= known_at),
    )


def modules_of(modules: tuple[Module, ...]) -> tuple[contracts.Module, ...]:
    """The modules of a qualification, without what must not be told."""
    return tuple(
        contracts.Module(code=m.code, title=m.title, partner=m.partner, required=m.required, topics=m.topics)
        for m in modules
    )


def _targets(targets: tuple[Target, ...]) -> tuple[contracts.Target, ...]:
    return tuple(
        contracts.Target(indicator=t.indicator, at_least=t.at_least, at_most=t.at_most, by=t.by, for_whom=t.for_whom)
        for t in targets
    )


def _terms(entry: Recorded[Terms]) -> contracts.Terms:
    agreed = entry.value
    certification: Any = agreed.certification
    return contracts.Terms(
        since=entry.since,
        recorded_at=entry.at or None,
        topics=agreed.topics,
        services=agreed.services,
        activities=agreed.activities,
        targets=None if agreed.targets is None else _targets(agreed.targets),
        funders=agreed.funders,
        certification=certification,
        modules=None if agreed.modules is None else modules_of(agreed.modules),
    )
