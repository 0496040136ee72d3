"""The HTTP resources of matching: one router and its bodies per file."""

from services.matching.api import candidates, fairness, gaps, proposals, rounds, tandems, why_not

ROUTERS = (
    rounds.router,
    fairness.router,
    proposals.router,
    tandems.router,
    candidates.router,
    why_not.router,
    gaps.router,
)
