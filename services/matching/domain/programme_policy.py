"""What a programme's people decide about its matching: the engine's policy, and what is asked before and after it."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from services.matching.domain.policy import Policy
from services.matching.domain.understanding import DEFAULT, Understanding
from shared.kernel.classified import classified
from shared.kernel.errors import VersionLost

ON_REQUEST, NIGHTLY, AFTER_CHANGES = "request", "nightly", "changes"


@classified(
    internal="programme engine proposal_days again_days trial_days promise_days musts understands shares rhythm "
    "waits_on_after"
)
@dataclass(frozen=True, slots=True)
class ProgrammePolicy:
    """Of one programme, as it stands on a day; days are calendar days.

    ``proposal_days`` is how long a proposal that both were told may stay unanswered, ``again_days`` how long a pair
    stays apart after a no, ``trial_days`` how long a trial runs until it is reviewed, ``promise_days`` how long a
    family may wait at most. ``musts`` are the topics without which nobody is proposed (``None``: all), ``special``
    for all of a special category, which have no name outside of registry; the others count as wishes. ``shares`` are
    the programmes whose pool it shares, where they say so too. ``rhythm`` is when rounds are held by themselves.
    ``waits_on_after`` are the reasons of a tandem's end after which a family has waited since before it.
    """

    programme: str
    engine: Policy = field(default_factory=Policy)
    proposal_days: int = 14
    again_days: int = 180
    trial_days: int = 56
    promise_days: int = 90
    musts: tuple[str, ...] | None = None
    understands: tuple[Understanding, ...] = DEFAULT
    shares: tuple[str, ...] = ()
    rhythm: str = ON_REQUEST
    waits_on_after: tuple[str, ...] = ("erased", "mentor_left")

    def is_must(self, topic: str) -> bool:
        """Whether nobody is proposed who does not offer it."""
        return self.musts is None or topic in self.musts


@classified(internal="id policy since recorded_at because version", personal="by")
@dataclass(frozen=True, slots=True)
class PolicyVersion:
    """One version of a programme's policy: from which day it holds, who set it, when, and why as a code.

    Versions are added and never changed; on a day the last one recorded holds that begins on that day or before.
    """

    id: str
    policy: ProgrammePolicy
    since: str
    recorded_at: str
    by: str
    because: str
    version: int


def next_version(policy: ProgrammePolicy, current: int, expected: int) -> ProgrammePolicy:
    """The policy with the name that rounds know it by. Raises ``VersionLost`` where the caller saw another version."""
    if current != expected:
        raise VersionLost("version-lost", params={"version": current})
    named = replace(policy.engine, version=f"{policy.programme}/{current + 1}")
    return replace(policy, engine=named)


def share_pool(one: ProgrammePolicy, other: ProgrammePolicy) -> bool:
    """Whether two programmes share a pool: both must say so, for each gives the other its mentors."""
    return other.programme in one.shares and one.programme in other.shares


def group_around(slug: str, policies: Iterable[ProgrammePolicy]) -> tuple[str, ...]:
    """The programmes that share a pool with this one, directly or through others, itself among them, by name."""
    found, reached = {slug}, [slug]
    by_slug = {policy.programme: policy for policy in policies}
    while reached:
        one = by_slug.get(reached.pop())
        for other in () if one is None else one.shares:
            if other not in found and other in by_slug and one is not None and share_pool(one, by_slug[other]):
                found.add(other)
                reached.append(other)
    return tuple(sorted(found))
