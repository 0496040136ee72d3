"""The HTTP resources of matching: one router and its bodies per file."""

from services.matching.api import candidates, fairness, policies, proposals, rounds, tandems

ROUTERS = (
    rounds.router,
    fairness.router,
    proposals.router,
    tandems.router,
    candidates.router,
    policies.router,
)
