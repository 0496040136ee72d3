"""Decisions about proposals."""

from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from services.matching.domain.reasons import ByHandReason, OneOfTwo, RejectReason, Side
from shared.web.bodies import Body, Day, id_of

ProposalId = Annotated[str, id_of("prp")]


class AnswersBody(Body):
    """Both said yes, as the person knows who accepts; a no is a rejection."""

    mentor: Literal["yes"]
    family: Literal["yes"]


class AcceptBody(Body):
    """A yes; without ``date`` the tandem begins today.

    ``answers`` for what was told through ``propose`` and is not answered yet: both have said yes, say by telephone.
    Whoever accepts a draft says that anyway. ``because`` where it departs from another proposal of the family, or from
    a rule that has changed since the round.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "date": "2026-01-20",
                "answers": {"mentor": "yes", "family": "yes"},
                "signed_on": "2026-01-20",
            }
        }
    )

    date: Day | None = None
    answers: AnswersBody | None = None
    because: ByHandReason | None = None
    signed_on: Day | None = None


class ProposeBody(Body):
    """Both were told, on ``on`` or today, and may answer until ``expires_on``; without it as the policy says."""

    model_config = ConfigDict(json_schema_extra={"example": {"on": "2026-01-16", "expires_on": "2026-01-30"}})

    on: Day | None = None
    expires_on: Day | None = None


class AnswerBody(Body):
    """One side's answer; a no has a reason, and the day from which the pair may be proposed again."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {"side": "family", "answer": "no", "on": "2026-01-18", "reason": "no_common_time"}
        }
    )

    side: OneOfTwo
    answer: Literal["yes", "no"]
    on: Day | None = None
    reason: RejectReason | None = None
    until: Day | None = None


class RejectBody(Body):
    """A no: its reason, and the day from which the pair may be proposed again (never without one).

    ``side`` is whose reason it is, where the reason does not say so itself.
    """

    model_config = ConfigDict(json_schema_extra={"example": {"reason": "declined_by_family", "until": "2026-07-01"}})

    reason: RejectReason
    until: Day | None = None
    side: Side | None = None


class Decided(Body):
    """Which proposal, in which version, and what is done with it; the rest as in the act's own body."""

    id: ProposalId
    version: Annotated[int, Field(ge=1)]
    act: Literal["propose", "answer", "accept", "reject"]


class ManyBody(Body):
    """Up to 200 decisions, each with the fields of its own act."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "decisions": [
                    {"id": "prp_3c9k0000000000000000000000", "version": 1, "act": "accept", "date": "2026-01-20"},
                    {"id": "prp_4c9k0000000000000000000000", "version": 1, "act": "reject", "reason": "too_far"},
                ]
            }
        }
    )

    decisions: Annotated[list[object], Field(min_length=1, max_length=200)]
