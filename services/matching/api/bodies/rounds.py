"""Requests about rounds."""

from typing import Annotated, Literal

from pydantic import ConfigDict, Field, StringConstraints

from services.matching.api.bodies.policies import RulesBody
from shared.web.bodies import Body, Day, Slug, id_of

RoundId = Annotated[str, id_of("rnd")]


SoftRule = Literal["language", "topic", "qualification", "availability", "district", "gender", "capacity"]
Sha256 = Annotated[str, StringConstraints(pattern="^[0-9a-f]{64}$")]


class RoundBody(Body):
    """A round of one programme; without ``date`` for today."""

    model_config = ConfigDict(json_schema_extra={"example": {"programme": "stadtteilmuetter", "date": "2026-01-15"}})

    id: RoundId | None = None
    programme: Slug
    date: Day | None = None
    seen: Sha256 | None = Field(
        None, description="The `input_sha256` of a dry run: the round is held only if the pool is still this one (412)."
    )
    dry_run: bool = Field(False, description="Nothing is stored: what a round would come to, and what it lacks.")
    policy: RulesBody | None = Field(None, description="In a dry run: instead of the programme's policy.")
    relax: list[SoftRule] = Field([], max_length=7, description="In a dry run: rules that decide nothing.")
