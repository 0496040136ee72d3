"""What a round reads again in its own transaction: of exactly the people it is about, as they are by now."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from services.matching.domain.availability import unavailable
from services.matching.domain.instance import Pair
from services.matching.domain.known import Consents, Engagement, Participation, exclude_each_other
from services.matching.domain.proposals import DRAFT, LIVE, PROPOSED, Proposal
from services.matching.store import known, rejections
from services.matching.store.repositories import PLACES, PROPOSALS
from shared.storage.work import Reader, Work


@dataclass(frozen=True, slots=True)
class Now:
    """Both sides by id, what keeps them apart, and what they have: running tandems, live proposals."""

    day: str
    engagements: Mapping[str, Engagement]
    participations: Mapping[str, Participation]
    consents: Consents
    rejected: frozenset[Pair]
    running: Mapping[str, int]
    live: tuple[Proposal, ...]

    @property
    def drafts(self) -> dict[Pair, Proposal]:
        """The drafts by pair."""
        return {(one.engagement, one.participation): one for one in self.live if one.state == DRAFT}

    @property
    def told(self) -> list[Proposal]:
        """What both sides have been told of: nobody of them is moved."""
        return [one for one in self.live if one.state == PROPOSED]

    def waits(self, participation: str) -> bool:
        """Whether a participation is still there, has not taken its consent back, and has no tandem."""
        found = self.participations.get(participation)
        there = found is not None and not found.has_gone and not self.consents.has_lost(found)
        return there and not self.running.get(participation)

    def obstacle(self, pair: Pair) -> str | None:
        """The code of what keeps the two apart by now, places left aside; ``None`` where nothing does."""
        engagement, participation = self.engagements.get(pair[0]), self.participations.get(pair[1])
        if participation is None or not self.waits(pair[1]):
            return "gone"
        if engagement is None or engagement.has_gone:
            return "capacity"
        reason = unavailable(engagement, self.day)
        if reason is not None:
            return str(reason["rule"])
        if not self.consents.allows_matching(participation):
            return "consent"
        return "exclusion" if pair in self.rejected or exclude_each_other(engagement, participation) else None

    def allows_special(self, pair: Pair) -> bool:
        """Whether the consents of both sides, who are there, let their special topics be used by now."""
        sides = (self.engagements[pair[0]], self.participations[pair[1]])
        return all(self.consents.allows_special(side) for side in sides if side.special)


async def read_now(
    work: Work, slugs: Sequence[str], mentors: Collection[str], families: Collection[str], day: str
) -> Now:
    """``mentors`` and ``families`` are the ids concerned; live proposals are read of the programmes."""
    engagements = {one.id: one for one in await known.engagements(work, mentors)}
    participations = {one.id: one for one in await known.participations(work, families)}
    subjects = {key for one in participations.values() for key in one.subjects}
    subjects |= {key for one in engagements.values() if one.special for key in one.subjects}
    rows = await work.find(PLACES, {"_id": {"$in": [*mentors, *families]}, "running": {"$ne": []}})
    return Now(
        day=day,
        engagements=engagements,
        participations=participations,
        consents=await known.consents(work, day, tuple(sorted(subjects)), today=work.today),
        rejected=await rejections.between(work, engagements.values(), participations.values(), min(day, work.today)),
        running={row["_id"]: len(row["running"]) for row in rows},
        live=tuple(await PROPOSALS.find(work, {"programme": {"$in": list(slugs)}, "state": {"$in": list(LIVE)}})),
    )


class FreePlaces:
    """The places that mentors have left while a round is written: each pair that stays takes one."""

    def __init__(self, now: Now) -> None:
        self._now = now
        self._taken = Counter(now.running)

    def take_all(self, mentors: Iterable[str]) -> None:
        """What is taken already: by those who were told."""
        self._taken.update(mentors)

    def take(self, mentor: str) -> bool:
        """Whether there was one."""
        if self._taken[mentor] >= self._now.engagements[mentor].capacity:
            return False
        self._taken[mentor] += 1
        return True


async def programmes_of(reader: Reader, side: str) -> list[str]:
    """The programmes whose rounds an engagement or a participation may be in; all, where it left no trace."""
    rows = [await reader.one(collection, {"_id": side}) for collection in (known.ENGAGEMENTS, known.PARTICIPATIONS)]
    named = {row["programme"] for row in rows if row is not None and "programme" in row}
    return sorted(named or {programme.slug for programme in await known.programmes(reader)})
