"""The HTTP resources of registry: one router and its bodies per file."""

from services.registry.api import (
    cohorts,
    consents,
    engagements,
    erasures,
    families,
    mentors,
    participations,
    people,
    places,
    programmes,
    revocations,
    search,
)

ROUTERS = (
    places.router,
    programmes.router,
    people.router,
    search.router,
    families.router,
    mentors.router,
    engagements.router,
    cohorts.router,
    participations.router,
    consents.router,
    erasures.router,
    revocations.router,
)
