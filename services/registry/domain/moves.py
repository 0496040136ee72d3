"""From one site to another: where somebody is now, and where what was before stays counted."""

from services.registry.domain.days import require_past
from shared.kernel.dates import Dated, with_value
from shared.kernel.errors import Finding, Refused

Sites = tuple[Dated[str], ...]


def moved(sites: Sites, begin: str, *, site: str, since: str, today: str) -> Sites:
    """``sites`` with another one from a day on; the same day as the last change corrects that one.

    Raises ``Refused`` for a day to come, before the last change or before the beginning, and for the site that it is.
    """
    require_past(since, today, "/since")
    earliest = max([begin, *(entry.since for entry in sites[-1:])])
    if since < earliest:
        raise Refused("invalid", (Finding("/since", "too-early", f">= {earliest}"),))
    if sites and sites[-1].value == site:
        raise Refused("invalid", (Finding("/site", "contradiction", "another site than now"),))
    return with_value(sites, since, site)
