"""What a mentor's phone may keep: the families of tandems that run, and for how long she may know them."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Final

from services.registry.domain.consents import MATCHING, Consent
from services.registry.domain.engagements import Engagement
from services.registry.domain.participations import Participation
from shared.kernel.clock import read_instant, write_instant

TANDEM_ENDED: Final = "tandem_ended"
ERASED: Final = "erased"
OVERLAP: Final = timedelta(seconds=60)
"""More than a transaction may take between its moment and its end, and than clocks may differ."""


def why_not(engagement: Engagement, participation: Participation | None, allowed: bool) -> str | None:
    """Why a running tandem is not shown to its mentor; ``None`` where it is. ``allowed``: a consent stands."""
    if participation is None or (participation.family is None and participation.person is None):
        return ERASED
    if participation.ended_on is not None:
        return "participation_ended"
    if engagement.left_on is not None:
        return "engagement_left"
    return None if allowed else "consent_gone"


def allowing(consents: Iterable[Consent], day: str) -> frozenset[str]:
    """The subjects whose consents to matching stand on a day."""
    return frozenset(one.subject for one in consents if one.purpose == MATCHING and one.stands(day))


def recorded_since(known_until: str) -> str:
    """From when on a tandem's end may not have been told to a phone that was told everything known at an instant."""
    return write_instant(read_instant(known_until) - OVERLAP)
