"""Whether an engagement may be given anybody at all on a day; asked before the rules of the file."""

from services.matching.domain.explanation import Reason
from services.matching.domain.known import Engagement
from services.matching.domain.rules import RULES

PRE_RULES = ("qualification", "clearance", "paused")
"""The order in which they are asked, each with this code as the reason."""
ORDER = (*PRE_RULES, *(rule for rule in RULES if rule not in PRE_RULES))
"""All rules, in the order of asking."""


def unavailable(engagement: Engagement, day: str) -> Reason | None:
    """Why an engagement that has not ended may take nobody on that day; ``None`` if it may.

    The day decides, not the stage as it was published: a clearance runs out without any event.
    """
    if engagement.needs_certificate and (engagement.certified_on is None or engagement.certified_on > day):
        return {"rule": "qualification", "modules": list(engagement.modules_missing)}
    if engagement.clearance_until is None:
        return {"rule": "clearance"}
    if engagement.clearance_until <= day:
        return {"rule": "clearance", "until": engagement.clearance_until}
    return {"rule": "paused"} if engagement.stage == "paused" else None
