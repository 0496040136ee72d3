"""Tandems as they are answered."""

from typing import Any, Final

from pydantic import Field

from services.matching import publishing
from services.matching.api.permissions import PAIR
from services.matching.domain.tandems import Tandem
from shared.web.bodies import View
from shared.web.desk import RequestDesk

_ACTIONS: Final[dict[str, list[str]]] = {
    "introduction": ["try", "activate", "pause", "end"],
    "trial": ["activate", "pause", "end"],
    "active": ["pause", "end"],
    "paused": ["resume", "end"],
}


class TandemView(View):
    """A tandem with what is counted of it, its earlier versions and its phases.

    ``because`` and ``instead_of`` are shown to whoever may pair: why it is not the pair that was proposed.
    """

    engagement: str
    participation: str
    programme: str
    date: str
    site: str | None = None
    carrier: str | None = None
    district: str | None = None
    ended_on: str | None = None
    ended_because: str | None = None
    side: str | None = Field(default=None, examples=["family"])
    running: bool
    phase: str = Field(examples=["trial"])
    review_on: str | None = Field(default=None, examples=["2026-03-17"])
    signed_on: str | None = None
    steps: list[dict[str, Any]] = Field(
        default_factory=list, examples=[[{"phase": "introduction", "since": "2026-01-20"}]]
    )
    proposal: str | None = None
    because: str | None = Field(default=None, examples=["wish_of_family"])
    instead_of: str | None = None
    recorded_at: str
    versions: list[dict[str, Any]] = Field(default_factory=list)


def tandem_view(desk: RequestDesk, tandem: Tandem) -> TandemView:
    """A tandem for this token."""
    counted = tandem.counted
    pairs = desk.may(PAIR, programme=counted.programme, site=counted.site, carrier=counted.carrier)
    told = publishing.tandem_v1(tandem).model_dump(mode="json", exclude={"id", "status"})
    return TandemView(
        id=tandem.id,
        version=tandem.version,
        actions=_actions(desk, tandem) if pairs else [],
        running=tandem.runs,
        signed_on=tandem.signed_on,
        steps=[{"phase": step.phase, "since": step.since, "until": step.until} for step in tandem.steps],
        proposal=tandem.proposal,
        because=tandem.because if pairs else None,
        instead_of=tandem.instead_of if pairs else None,
        **told,
    )


def _actions(desk: RequestDesk, tandem: Tandem) -> list[str]:
    if tandem.runs:
        return _ACTIONS[tandem.phase]
    return ["reopen"] if tandem.may_reopen(desk.moment) else []
