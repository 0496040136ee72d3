"""Requests about rounds."""

from typing import Annotated

from pydantic import ConfigDict

from shared.web.bodies import Body, Day, Slug, id_of

RoundId = Annotated[str, id_of("rnd")]


class RoundBody(Body):
    """A round of one programme; without ``date`` for today."""

    model_config = ConfigDict(json_schema_extra={"example": {"programme": "stadtteilmuetter", "date": "2026-01-15"}})

    id: RoundId | None = None
    programme: Slug
    date: Day | None = None
