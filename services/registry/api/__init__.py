"""The HTTP resources of registry: one router and its bodies per file."""

from services.registry.api import (
    certificates,
    cohorts,
    consents,
    engagements,
    enrolments,
    erasures,
    families,
    meetings,
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
    mentors.router,
    engagements.router,
    cohorts.router,
    enrolments.router,
    meetings.router,
    certificates.router,
    participations.router,
    consents.router,
    erasures.router,
    revocations.router,
)
