"""The HTTP resources of matching: one router and its bodies per file."""

from services.matching.api import candidates, changes, due, fairness, pins, policies, proposals, rounds, tandems

ROUTERS = (
    rounds.router,
    fairness.router,
    proposals.router,
    tandems.router,
    pins.router,
    candidates.router,
    changes.router,
    due.router,
    policies.router,
)
