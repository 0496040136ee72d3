"""Policies as they are answered."""

from dataclasses import asdict
from typing import Any

from pydantic import BaseModel, Field

from services.matching.api.permissions import SET_POLICY
from services.matching.domain.programme_policy import PolicyVersion, ProgrammePolicy
from shared.web.bodies import View
from shared.web.desk import RequestDesk


class UnderstandingView(BaseModel):
    """Who speaks the one can talk with who speaks the other, at `level` at best."""

    speaks: str = Field(examples=["fa"])
    understands: str = Field(examples=["fa-AF"])
    level: str = Field(examples=["C1"])


class PolicyView(View):
    """A programme's policy; version 0 is the default, which nobody has set. `id` is the programme's slug."""

    since: str | None = Field(description="The day from which it holds; null for the default.")
    recorded_at: str | None
    by: str | None = Field(description="Whose token it was.")
    because: str | None = Field(examples=["team_decision"])
    weights: dict[str, int]
    wait_band_days: int
    musts: list[str] | None
    understands: list[UnderstandingView]
    shares: list[str]
    rhythm: str
    proposal_days: int
    again_days: int
    trial_days: int
    promise_days: int
    waits_on_after: list[str]


class PoliciesView(BaseModel):
    """Every version ever set, newest first."""

    items: list[PolicyView]


def policy_view(desk: RequestDesk, found: PolicyVersion | ProgrammePolicy) -> PolicyView:
    """A version, or the default, for this token."""
    stored = found if isinstance(found, PolicyVersion) else None
    policy = found.policy if isinstance(found, PolicyVersion) else found
    rules: dict[str, Any] = asdict(policy)
    engine = rules.pop("engine")
    return PolicyView(
        **{name: value for name, value in rules.items() if name != "programme"},
        id=policy.programme,
        version=stored.version if stored else 0,
        actions=["set", "preview"] if desk.may(SET_POLICY, programme=policy.programme) else [],
        since=stored.since if stored else None,
        recorded_at=stored.recorded_at if stored else None,
        by=stored.by if stored else None,
        because=stored.because if stored else None,
        weights=engine["weights"],
        wait_band_days=engine["wait_band_days"],
    )
