"""The HTTP resources of matching: one router and its bodies per file."""

from services.matching.api import (
    candidates,
    changes,
    due,
    expected,
    fairness,
    gaps,
    pins,
    policies,
    proposals,
    rounds,
    tandems,
    why_not,
)

ROUTERS = (
    rounds.router,
    fairness.router,
    expected.router,
    proposals.router,
    tandems.router,
    pins.router,
    candidates.router,
    why_not.router,
    gaps.router,
    changes.router,
    due.router,
    policies.router,
)
