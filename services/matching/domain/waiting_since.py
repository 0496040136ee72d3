"""Since when a family waits: having had a mentor for years is no waiting."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from services.matching.domain.known import Participation
from services.matching.domain.programme_policy import ProgrammePolicy
from shared.kernel.dates import days_after


@dataclass(frozen=True, slots=True)
class Ended:
    """The last day of a participation's last tandem, and why it ended."""

    on: str
    because: str | None


def waiting_on(one: Participation, ended: Mapping[str, Ended], policy: ProgrammePolicy, day: str) -> Participation:
    """The participation as it waits on a day: since the day after its last tandem, where it had one.

    What registry says of a later day counts, and an end that the policy names (``waits_on_after``) changes nothing:
    a family whose mentor left goes on waiting from where it stood.
    """
    last = ended.get(one.id)
    if last is None or last.because in policy.waits_on_after:
        return one
    after = days_after(last.on, 1)
    return replace(one, waiting_since=max(one.waits_since, min(after, day)))
