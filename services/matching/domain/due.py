"""What waits for a coordinator in matching, by the day on which it should have been looked at."""

from collections.abc import Collection
from datetime import date
from typing import Final

from services.matching.domain.availability import unavailable
from services.matching.domain.known import Engagement, Participation
from services.matching.domain.proposals import Proposal
from services.matching.domain.tandems import TRIAL, Tandem
from shared.kernel.dates import days_after
from shared.kernel.due import Due

AHEAD_DAYS: Final = 7
"""How long before its day a review, or the end of an unanswered proposal, is told."""

_LOOKED_FOR: Final[tuple[str, ...]] = ("candidates",)
_DRAFTED: Final[tuple[str, ...]] = ("accept", "propose", "reject")


def of_proposal(proposal: Proposal, day: str) -> Due | None:
    """A proposal that both have said yes to, or that runs out of time with an answer missing."""
    told, expires = proposal.told_on or day, proposal.expires_on or day
    about = f"proposals/{proposal.id}"
    if proposal.agreed:
        last = max(one.on for one in proposal.answers.values())
        return Due("proposal-agreed", proposal.id, last, last, about, (("told_on", told),), ("accept",))
    since = max(told, days_after(expires, -AHEAD_DAYS))
    if since > day:
        return None
    missing = proposal.unanswered
    params = (("open", missing[0] if len(missing) == 1 else "both"), ("told_on", told), ("until", expires))
    return Due("proposal-unanswered", proposal.id, expires, since, about, params, ("answer", "reject"))


def of_trial(tandem: Tandem, day: str) -> Due | None:
    """A trial whose review is near or past."""
    review = tandem.review_on
    if tandem.phase != TRIAL or review is None or days_after(review, -AHEAD_DAYS) > day:
        return None
    params = (("review_on", review), ("since", tandem.steps[-1].since))
    since = days_after(review, -AHEAD_DAYS)
    return Due("trial-review", tandem.id, review, since, f"tandems/{tandem.id}", params, ("activate", "end"))


def of_mentor(engagement: Engagement, tandems: Collection[Tandem], recorded_on: str, day: str) -> Due | None:
    """Running tandems of a mentor who has not the places for them, or may take nobody; as of her last change."""
    if engagement.has_gone or not tandems:
        return None
    reason = unavailable(engagement, day)
    # A clearance that has run out is due in registry; what is said here is that she cannot go on as she is counted.
    if len(tandems) <= engagement.capacity and (reason is None or reason["rule"] != "paused"):
        return None
    places = 0 if reason is not None and reason["rule"] == "paused" else engagement.capacity
    params = (("places", places), ("tandems", len(tandems)))
    about = f"tandems?engagement={engagement.id}"
    return Due("tandem-over-capacity", engagement.id, recorded_on, recorded_on, about, params, ("pause", "end"))


def of_family(one: Participation, draft: str | None, promise_days: int, day: str) -> Due | None:
    """A family that waits longer than its programme promised; with the id of a draft that nobody has decided about."""
    promised = days_after(one.waits_since, promise_days)
    if promised > day:
        return None
    waited = (date.fromisoformat(day) - date.fromisoformat(one.waits_since)).days
    params = (("days", waited), ("promised", promise_days), ("waiting_since", one.waits_since))
    about, actions = f"candidates?participation={one.id}", _LOOKED_FOR
    if draft is not None:
        about, actions = f"proposals/{draft}", _DRAFTED
    return Due("waiting-beyond-promise", one.id, promised, promised, about, params, actions)
