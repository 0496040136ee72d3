"""Decisions about proposals."""

from typing import Annotated

from pydantic import ConfigDict

from shared.web.bodies import Body, Code, Day, id_of

ProposalId = Annotated[str, id_of("prp")]


class AcceptBody(Body):
    """A yes; without ``date`` the tandem begins today."""

    model_config = ConfigDict(json_schema_extra={"example": {"date": "2026-01-20"}})

    date: Day | None = None


class RejectBody(Body):
    """A no: its reason, and the day from which the pair may be proposed again (never without one)."""

    model_config = ConfigDict(json_schema_extra={"example": {"reason": "declined_by_family", "until": "2026-07-01"}})

    reason: Code
    until: Day | None = None
