"""The HTTP resources of registry: one router and its bodies per file."""

from services.registry.api import (
    cohorts,
    consents,
    contacts,
    engagements,
    erasures,
    families,
    mentors,
    participations,
    people,
    places,
    programmes,
    revocations,
)

ROUTERS = (
    places.router,
    programmes.router,
    people.router,
    families.router,
    contacts.router,
    mentors.router,
    engagements.router,
    cohorts.router,
    participations.router,
    consents.router,
    erasures.router,
    revocations.router,
)
