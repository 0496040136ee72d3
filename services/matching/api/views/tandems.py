"""Tandems as they are answered."""

from typing import Any

from pydantic import Field

from services.matching import publishing
from services.matching.api.permissions import PAIR
from services.matching.domain.tandems import Tandem
from shared.web.bodies import View
from shared.web.desk import RequestDesk


class TandemView(View):
    """A tandem with what is counted of it and its earlier versions."""

    engagement: str
    participation: str
    programme: str
    date: str
    site: str | None = None
    carrier: str | None = None
    district: str | None = None
    ended_on: str | None = None
    ended_because: str | None = None
    running: bool
    proposal: str | None = None
    recorded_at: str
    versions: list[dict[str, Any]] = Field(default_factory=list)


def tandem_view(desk: RequestDesk, tandem: Tandem) -> TandemView:
    """A tandem for this token."""
    counted = tandem.counted
    ends = tandem.runs and desk.may(PAIR, programme=counted.programme, site=counted.site, carrier=counted.carrier)
    told = publishing.tandem_v1(tandem).model_dump(mode="json", exclude={"id", "status"})
    return TandemView(
        id=tandem.id,
        version=tandem.version,
        actions=["end"] if ends else [],
        running=tandem.runs,
        proposal=tandem.proposal,
        **told,
    )
