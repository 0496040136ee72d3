"""The HTTP resources of registry: one router and its bodies per file."""

from services.registry.api import (
    cohorts,
    consents,
    contacts,
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
    search,
)

ROUTERS = (
    places.router,
    programmes.router,
    people.router,
    search.router,
    families.router,
    contacts.router,
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
