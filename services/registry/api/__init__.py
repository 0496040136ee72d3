"""The HTTP resources of registry: one router and its bodies per file."""

from services.registry.api import (
    cohorts,
    consents,
    due,
    engagements,
    erasures,
    families,
    mentors,
    participations,
    people,
    places,
    programmes,
    proofs,
    requirements,
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
    participations.router,
    consents.router,
    proofs.router,
    requirements.router,
    due.router,
    erasures.router,
    revocations.router,
)
