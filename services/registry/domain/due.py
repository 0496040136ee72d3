"""What waits for a coordinator, by the day on which it should have been looked at."""

from collections.abc import Iterator
from datetime import date
from typing import Final

from services.registry.domain.consents import Consent
from services.registry.domain.engagements import Engagement
from services.registry.domain.outcomes import Cohort
from services.registry.domain.places import Programme
from services.registry.domain.proofs import CLEARANCE, Need, months_after
from shared.kernel.dates import days_after
from shared.kernel.due import Due

AHEAD_MONTHS: Final = 3
"""How long before something ends it is told; a consent that has ended is told for as long."""
QUIET_WEEKS: Final = 3
PAUSED_WEEKS: Final = 12


def told_from(ends: str) -> str:
    """The first day on which it is told that something ends on a day."""
    return months_after(ends, -AHEAD_MONTHS)


def horizon(day: str) -> str:
    """The last end that is told on a day."""
    far = months_after(day, AHEAD_MONTHS)
    # The last of a month stands for all days that it does not have: 28 February is three months before 31 May.
    return days_after(months_after(f"{far[:7]}-01", 1), -1) if days_after(day, 1).endswith("-01") else far


def of_engagement(engagement: Engagement, programme: Programme, tandems: int, day: str) -> Iterator[Due]:
    """What is due about a running engagement that has so many running tandems."""
    if engagement.person is None or engagement.left_on is not None or programme.state(day) == "ended":
        return
    about = f"engagements/{engagement.id}"
    if engagement.complete_since is not None and engagement.certified_on is None:
        since = engagement.complete_since
        yield Due("certification", engagement.id, since, since, about, actions=("certify",))
    if engagement.paused_since is not None:
        due_on = days_after(engagement.paused_since, PAUSED_WEEKS * 7)
        if due_on <= day:
            params = (("paused_since", engagement.paused_since),)
            yield Due("paused-for-long", engagement.id, due_on, engagement.paused_since, about, params, ("resume",))
    yield from _proofs(engagement, programme, tandems, day)


def of_consent(consent: Consent, others: list[Consent], day: str) -> Due | None:
    """A consent that ends soon or has ended lately, unless one of ``others`` (of the subject) goes on after it."""
    ends = consent.expires_on
    if ends is None or consent.withdrawn_at is not None:
        return None
    if day > months_after(ends, AHEAD_MONTHS) or day < told_from(ends):
        return None
    same = (consent.purpose, consent.receiver)
    for other in others:
        later = other.expires_on is None or other.expires_on > ends
        if later and other.withdrawn_at is None and (other.purpose, other.receiver) == same:
            return None
    params = (("purpose", consent.purpose), ("until", ends))
    since = told_from(ends)
    kind = "consent-ended" if ends <= day else "consent-ends"
    return Due(kind, consent.subject, ends, since, f"consents/{consent.id}", params, ("give",))


def of_cohort(cohort: Cohort, last: str | None, day: str) -> Due | None:
    """A cohort without an attendance for some weeks; ``last`` is the day of the last one."""
    since = max(last or cohort.opened_on, cohort.opened_on)
    due_on = days_after(since, QUIET_WEEKS * 7)
    if due_on > day:
        return None
    weeks = (date.fromisoformat(day) - date.fromisoformat(since)).days // 7
    return Due(
        "cohort-without-attendance", cohort.id, due_on, since, f"cohorts/{cohort.id}", (("weeks", weeks),), ("attend",)
    )


def _proofs(engagement: Engagement, programme: Programme, tandems: int, day: str) -> Iterator[Due]:
    """What is needed today or soon and is missing, ends or has ended, each proof once."""
    rules, last = programme.proofs, horizon(day)
    begins = [since for since in rules.changes(engagement.role, engagement.sites) if since <= last]
    now = max((begin for begin in begins if begin <= day), default=engagement.date)
    told: set[str] = set()
    for begin in (now, *(begin for begin in begins if begin > day)):
        for need in rules.needs(engagement.role, max(begin, day), None, engagement.sites):
            found = None if need.kind in told else _proof(engagement, need, begin, tandems, day)
            if found is not None:
                told.add(need.kind)
                yield found


def _proof(engagement: Engagement, need: Need, begin: str, tandems: int, day: str) -> Due | None:
    """What is due about one proof that is needed from ``begin`` on."""
    shown, counts = engagement.held.get(need.kind), engagement.certified_on or engagement.active_since
    if shown is None and counts is None and not tandems:
        return None  # nobody asks somebody for proofs who has only just shown interest
    if shown is None:
        since = max(begin, counts or engagement.date)
        return _proof_due(engagement, need, "proof-missing", since, since=since, tandems=0 if since > day else tandems)
    ends = max(need.until(shown), begin) if begin > day else need.until(shown)
    if ends > horizon(day):
        return None
    if ends > day:
        return _proof_due(engagement, need, "proof-ends", ends, since=told_from(ends), tandems=0)
    return _proof_due(engagement, need, "proof-ended", ends, since=ends, tandems=tandems)


def _proof_due(engagement: Engagement, need: Need, kind: str, due_on: str, *, since: str, tandems: int) -> Due:
    """Running tandems go on; that their mentor lacks a proof is another, more urgent thing than that somebody does."""
    params: tuple[tuple[str, str | int], ...] = (("proof", need.kind),)
    if kind != "proof-missing":
        params += (("until", due_on),)
    if tandems:
        kind, params = "tandem-without-proof", (*params, ("tandems", tandems))
    actions = ("clear",) if need.kind == CLEARANCE else ("prove",)
    about = f"engagements/{engagement.id}" if need.kind == CLEARANCE else f"people/{engagement.person}/proofs"
    return Due(kind, engagement.id, due_on, since, about, params, actions)
