"""Requests about policies."""

from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field

from services.matching.domain.policy import MOST, Policy, Weights
from services.matching.domain.programme_policy import ProgrammePolicy
from services.matching.domain.understanding import DEFAULT, Understanding
from shared.kernel.languages import LEVELS, SUFFICIENT
from shared.web.bodies import Body, Code, Day, LanguageTag, Slug

Points = Annotated[int, Field(ge=0, le=MOST)]
Days = Annotated[int, Field(ge=1, le=3_650)]
Understood = Annotated[str, Field(pattern=f"^({'|'.join(LEVELS[LEVELS.index(SUFFICIENT) :])})$")]
_RULES: dict[str, Any] = {
    "weights": {"language": 300, "distance": 200, "topics": 180, "time": 100, "continuity": 100},
    "wait_band_days": 14,
    "musts": ["health", "authorities"],
    "understands": [{"speaks": "fa", "understands": "fa-AF", "level": "C1"}],
    "rhythm": "nightly",
}


class WeightsBody(Body):
    """Points that a pair can earn at most."""

    language: Points = Weights().language
    distance: Points = Weights().distance
    topics: Points = Weights().topics
    time: Points = Weights().time
    continuity: Points = Weights().continuity


class UnderstandingBody(Body):
    """Who speaks the one can talk with who speaks the other, at `level` at best (B1 or better)."""

    speaks: LanguageTag
    understands: LanguageTag
    level: Understood = "C1"


class RulesBody(Body):
    """All of a programme's policy; what is left out has its default."""

    model_config = ConfigDict(json_schema_extra={"example": _RULES})

    weights: WeightsBody = WeightsBody()
    wait_band_days: int = Field(Policy().wait_band_days, ge=1, le=366, description="Families in one band wait equally.")
    musts: list[Code] | None = Field(
        None,
        max_length=100,
        description="Topics without which nobody is proposed, `special` for all of a special category; null: every "
        "topic. The others count as wishes.",
    )
    understands: list[UnderstandingBody] = Field(
        [UnderstandingBody(speaks=one.speaks, understands=one.understands, level=one.level) for one in DEFAULT],
        max_length=200,
        description="Languages that understand each other, one way each; Farsi and Dari without being said.",
    )
    shares: list[Slug] = Field([], max_length=20, description="Programmes of one pool, where they say so too.")
    rhythm: Literal["request", "nightly", "changes"] = Field(
        "request", description="Rounds on request only, or also every night, or when changes have come to rest."
    )
    proposal_days: Days = Field(14, description="How long a proposal that both were told may stay unanswered.")
    again_days: Days = Field(180, description="How long a pair stays apart after a no.")
    trial_days: Days = Field(56, description="How long a trial runs until it is reviewed.")
    promise_days: Days = Field(90, description="How long a family may wait at most.")
    waits_on_after: list[Code] = Field(
        ["erased", "mentor_left"],
        max_length=50,
        description="Ends of a tandem after which a family has waited since before it.",
    )

    def policy(self, programme: str) -> ProgrammePolicy:
        """The policy that is meant, not yet named."""
        return ProgrammePolicy(
            programme=programme,
            engine=Policy("preview", self.wait_band_days, Weights(**self.weights.model_dump())),
            proposal_days=self.proposal_days,
            again_days=self.again_days,
            trial_days=self.trial_days,
            promise_days=self.promise_days,
            musts=None if self.musts is None else tuple(sorted(set(self.musts))),
            understands=tuple(Understanding(one.speaks, one.understands, one.level) for one in self.understands),
            shares=tuple(sorted(set(self.shares))),
            rhythm=self.rhythm,
            waits_on_after=tuple(sorted(set(self.waits_on_after))),
        )


class PolicyBody(RulesBody):
    """A programme's policy from a day on (today if left out), and why it is set."""

    model_config = ConfigDict(
        json_schema_extra={"example": {**_RULES, "since": "2026-02-01", "because": "team_decision"}}
    )

    since: Day | None = None
    because: Code = Field(examples=["team_decision", "shorter_waiting"])
