"""Candidates for one participation, from the pool as it is now."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from services.matching.domain.explanation import SPECIAL_PREFIX
from services.matching.domain.instance import Family
from services.matching.domain.instance_check import read_instance
from services.matching.domain.known import Consents, Participation
from services.matching.domain.pool import Pool, pool_file
from services.matching.domain.reasons import UNDONE
from services.matching.domain.standing import Shown, Standing, family_of
from services.matching.domain.waiting_since import waiting_on
from services.matching.queries.standing import Standings, Where
from services.matching.store import known
from services.matching.store.standing import Now
from shared.kernel.errors import Conflict, Finding, Refused
from shared.storage.work import Reader


@dataclass(frozen=True, slots=True)
class Answer:
    """The family as it is asked for, the mentors that may be asked, and where each of them belongs."""

    family: Family
    standing: Standing
    seen_at: Mapping[known.SeenAt, Shown]


async def find_candidates(
    reader: Reader, standings: Standings, participation: Participation, days: tuple[str, str], carriers: known.Carriers
) -> Answer:
    """``days`` are the one that is asked about, and today, on which it is judged who may be shown.

    Raises ``Conflict`` where it has ended or has a tandem, ``Refused("left-out")`` where its row is refused.
    """
    if participation.has_gone:
        raise Conflict("participation-ended")
    now, standing = await standings.read(reader, participation, days)
    if now.running:
        raise Conflict("already-in-a-tandem")
    waits = _as_it_waits(participation, now, standing)
    family = _family(replace(standing.pool, participations=(waits,), consents=now.consents), participation.id)
    if any(topic.startswith(SPECIAL_PREFIX) for topic in (*family.topics, *family.wishes)):
        special = await _with_special(reader, standing, now)
    else:
        special = standing
    excluded = standing.kept_from(participation, now.rejected)
    seen_at = standings.seen_at(reader.city, standing, Where(carriers, days[1]))
    return Answer(replace(family, excluded_mentors=excluded), special, seen_at)


def _as_it_waits(participation: Participation, now: Now, standing: Standing) -> Participation:
    policy = standing.pool.policy_of(participation.programme)
    anew = [one for one in now.ended if one.because not in (*policy.waits_on_after, UNDONE)]
    last = max(anew, key=lambda one: one.on, default=None)
    return waiting_on(participation, {} if last is None else {participation.id: last}, policy, now.day)


def families_of(standing: Standing, participations: Sequence[Participation], consents: Consents) -> dict[str, Family]:
    """Others of the programme as the file has them, by id; whoever has a special topic is left out."""
    plain = tuple(one for one in participations if not one.special and not one.has_gone)
    pool = replace(standing.pool, engagements=(), running=(), participations=plain, consents=consents)
    return {family.id: family for family in read_instance(pool_file(pool).document).families}


def _family(pool: Pool, key: str) -> Family:
    family, left_out = family_of(pool)
    if family is None:
        raise Refused("left-out", tuple(Finding(one.pointer, "left-out") for one in left_out if one.id == key))
    return family


async def _with_special(reader: Reader, standing: Standing, now: Now) -> Standing:
    """The standing facts with the special topics of the mentors whose consents stand now; not kept."""
    pool = standing.pool
    subjects = tuple(key for one in pool.engagements if one.special for key in one.subjects)
    consents = await known.consents(reader, pool.date, subjects, today=now.today) if subjects else now.consents
    return Standing.of(replace(pool, consents=consents), standing.prices)
