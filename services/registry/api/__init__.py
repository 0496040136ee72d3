"""The HTTP resources of registry: one router and its bodies per file."""

from services.registry.api import engagements, erasures, participations, people, places, programmes

ROUTERS = (
    places.router,
    programmes.router,
    people.router,
    engagements.router,
    participations.router,
    erasures.router,
)
