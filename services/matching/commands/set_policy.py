"""A programme's policy is set: one more version, with its reason."""

from dataclasses import dataclass, fields

from services.matching.domain.programme_policy import PolicyVersion, ProgrammePolicy, next_version
from services.matching.domain.understanding import NEVER
from services.matching.store import known, policies
from shared.kernel.errors import Finding, Refused
from shared.storage.work import Reader, Work


@dataclass(frozen=True, slots=True)
class SetPolicy:
    """From a day on (today without one); ``expected`` is the version that the caller saw, 0 before the first."""

    policy: ProgrammePolicy
    because: str
    expected: int
    since: str | None = None


async def set_policy(work: Work, command: SetPolicy) -> PolicyVersion:
    """The version. Raises ``VersionLost``, and ``Refused`` with every fault."""
    slug = command.policy.programme
    newest = await policies.versions_of(work, slug, 1)
    current = newest[0].version if newest else 0
    policy = next_version(command.policy, current, command.expected)
    await require_possible(work, policy)
    version = PolicyVersion(
        id=f"{slug}/{current + 1}",
        policy=policy,
        since=command.since or work.today,
        recorded_at=work.now,
        by=work.actor.subject,
        because=command.because,
        version=current + 1,
    )
    await policies.add(work, version)
    work.note("policy.set", slug, _changed(newest[0].policy if newest else ProgrammePolicy(slug), policy))
    return version


async def require_possible(reader: Reader, policy: ProgrammePolicy, where: str = "") -> None:
    """Raises ``Refused("policy-refused")`` with everything that cannot be meant; ``where`` is its place in the body."""
    slugs = {one.slug for one in await known.programmes(reader)} - {policy.programme}
    faults = [
        Finding(f"{where}/shares/{number}", "not-one-of", "another programme of this city")
        for number, slug in enumerate(policy.shares)
        if slug not in slugs
    ]
    for number, entry in enumerate(policy.understands):
        pair = frozenset({entry.speaks, entry.understands})
        if len(pair) == 1:
            faults.append(Finding(f"{where}/understands/{number}/understands", "used-twice", "another language"))
        elif pair in NEVER:
            faults.append(Finding(f"{where}/understands/{number}/understands", "not-understood", "two that understand"))
    if faults:
        raise Refused("policy-refused", tuple(faults))


def _changed(old: ProgrammePolicy, new: ProgrammePolicy) -> tuple[str, ...]:
    own = [one.name for one in fields(new) if one.name not in ("programme", "engine")]
    numbers = ("wait_band_days", "weights")
    return (
        *(name for name in own if getattr(old, name) != getattr(new, name)),
        *(name for name in numbers if getattr(old.engine, name) != getattr(new.engine, name)),
    )
