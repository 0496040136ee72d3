"""From what is known to a matching file: who is in it on a day, with how many places, and who is not and why."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from services.matching.domain.availability import unavailable
from services.matching.domain.explanation import SPECIAL, SPECIAL_PREFIX, Reason
from services.matching.domain.instance import Pair
from services.matching.domain.instance_check import family_findings, mentor_findings
from services.matching.domain.known import Consents, Engagement, Participation, Programme
from services.matching.domain.programme_policy import ProgrammePolicy
from services.matching.domain.understanding import only_by_unwished, with_understood
from shared.kernel.dates import value_on

Row = dict[str, Any]
UNKNOWN_GENDER = "unknown"
"""Somebody who did not say it: she fits every family without a wish and no family with one."""


@dataclass(frozen=True, slots=True)
class Pool:
    """One programme, or all that share its pool, on one day; ``programme`` is the one that leads.

    ``running`` are the tandems, ``rejected`` the pairs whose rejection stands. ``policies`` and ``programmes`` are
    those of every programme in it; one that is named in neither has the default policy.
    """

    city: str
    date: str
    programme: Programme
    engagements: tuple[Engagement, ...]
    participations: tuple[Participation, ...]
    consents: Consents
    running: tuple[Pair, ...] = ()
    drafts: tuple[Pair, ...] = ()
    rejected: frozenset[Pair] = frozenset()
    policies: Mapping[str, ProgrammePolicy] = field(default_factory=dict)
    programmes: Mapping[str, Programme] = field(default_factory=dict)

    @property
    def slugs(self) -> tuple[str, ...]:
        """Every programme whose pool this is; the leading one first."""
        lead = self.programme.slug
        return (lead, *sorted({*self.programmes} - {lead}))

    @property
    def leads(self) -> ProgrammePolicy:
        """The policy whose numbers and languages hold for the whole file."""
        return self.policy_of(self.programme.slug)

    def policy_of(self, slug: str) -> ProgrammePolicy:
        """The policy of one of its programmes."""
        return self.policies.get(slug) or ProgrammePolicy(slug)

    def programme_of(self, side: Engagement | Participation) -> Programme:
        """The programme of one side."""
        return self.programmes.get(side.programme, self.programme)


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A row that the file's own check refuses, and the place in it."""

    id: str
    pointer: str


@dataclass(frozen=True, slots=True)
class PoolFile:
    """The file, the rows left out of it, and why an engagement that has not ended may take nobody."""

    document: Row
    left_out: tuple[LeftOut, ...] = ()
    unavailable: Mapping[str, Reason] = field(default_factory=dict)


def pool_file(pool: Pool) -> PoolFile:
    """The matching file of a pool; what is wrong with one row never stops the others."""
    reasons = {
        one.id: reason
        for one in pool.engagements
        if not one.has_gone and (reason := unavailable(one, pool.date)) is not None
    }
    faults: list[LeftOut] = []
    mentors = _mentor_rows(pool, reasons, faults)
    families = _family_rows(pool, faults)
    frozen = [pair for pair in pool.running if pair[0] in mentors and pair[1] in families]
    # A running tandem whose other side is left out still takes its place, and its family is not open.
    for mentor, family in set(pool.running) - set(frozen):
        if mentor in mentors:
            mentors[mentor]["capacity"] -= 1
        families.pop(family, None)
    document: Row = {
        "city": pool.city,
        "date": pool.date,
        "mentors": [mentors[key] for key in sorted(mentors)],
        "families": [families[key] for key in sorted(families)],
        "frozen": [list(pair) for pair in sorted(frozen)],
        "drafts": [list(pair) for pair in sorted(pool.drafts)],
    }
    return PoolFile(document, tuple(faults), reasons)


def _mentor_rows(pool: Pool, reasons: Mapping[str, Reason], faults: list[LeftOut]) -> dict[str, Row]:
    running = Counter(mentor for mentor, _ in pool.running)
    excluded = excluded_families(pool)
    rows: dict[str, Row] = {}
    for one in pool.engagements:
        available = not one.has_gone and one.id not in reasons
        if not available and one.id not in running:
            continue
        places = max(one.capacity, running[one.id]) if available else running[one.id]
        row = mentor_row(one, pool, places, sorted(excluded.get(one.id, ())))
        found = mentor_findings(row)
        faults += [LeftOut(one.id, finding.pointer) for finding in found]
        if not found:
            rows[one.id] = row
    return rows


def _family_rows(pool: Pool, faults: list[LeftOut]) -> dict[str, Row]:
    frozen = {family for _, family in pool.running}
    rows: dict[str, Row] = {}
    for one in pool.participations:
        if one.has_gone and one.id not in frozen:
            continue
        row = family_row(one, pool)
        found = family_findings(row, pool.date)
        faults += [LeftOut(one.id, finding.pointer) for finding in found]
        if not found:
            rows[one.id] = row
    return rows


def mentor_row(one: Engagement, pool: Pool, places: int, excluded: list[str]) -> Row:
    """An engagement as the file has it; special topics only under that side's standing consents."""
    special = _special(one, pool.consents)
    return {
        "id": one.id,
        "languages": with_understood(one.levels, pool.leads.understands),
        "districts": sorted(one.reach),
        "topics": sorted({*one.topics, *special}),
        "qualified": sorted({*one.qualified, *special}),
        "slots": sorted(one.slots),
        "capacity": places,
        "gender": one.gender or UNKNOWN_GENDER,
        "excluded_families": excluded,
        **_told(gender_wish=one.gender_wish),
    }


def family_row(one: Participation, pool: Pool) -> Row:
    """A participation as the file has it; exclusions stand on the mentors' side, whoever made them."""
    district = value_on(one.districts, pool.date)
    musts, wishes = _musts_and_wishes(one, pool)
    row: Row = {
        "id": one.id,
        "languages": dict(one.levels),
        "topics": musts,
        "slots": sorted(one.slots),
        "urgent": one.urgent,
        "wishes": wishes,
        "not_wished": sorted(one.not_wished),
        "waiting_since": one.waits_since,
        "interpreter": one.interpreter,
        "consent": pool.consents.allows_matching(one),
        "excluded_mentors": [],
    }
    if district is not None:
        row["district"] = district
    return row | _told(gender=one.gender, gender_wish=one.gender_wish)


def _told(**values: str | None) -> Row:
    return {name: value for name, value in values.items() if value is not None}


def excluded_families(pool: Pool) -> dict[str, set[str]]:
    """For each engagement the participations it may not have; found by id, not by trying every pair."""
    mentors, families = _by_subject(pool.engagements), _by_subject(pool.participations)
    excluded: dict[str, set[str]] = {}
    for mentor, family in pool.rejected:
        excluded.setdefault(mentor, set()).add(family)
    for engagement in pool.engagements:
        for named in (*engagement.excluded, *engagement.subjects):
            excluded.setdefault(engagement.id, set()).update(families.get(named, ()))
    for participation in pool.participations:
        for named in participation.excluded:
            for mentor in mentors.get(named, ()):
                excluded.setdefault(mentor, set()).add(participation.id)
    for mentor, family in _unwished(pool):
        excluded.setdefault(mentor, set()).add(family)
    return excluded


def _unwished(pool: Pool) -> Iterator[Pair]:
    """The pairs that only a language would bring together which the family does not wish."""
    table = pool.leads.understands
    speaks = {entry.speaks for entry in table}
    for family in pool.participations:
        tags = set() if family.interpreter else speaks & set(family.not_wished)
        for mentor in pool.engagements if tags else ():
            if tags & set(mentor.levels) and only_by_unwished(mentor.levels, family.levels, family.not_wished, table):
                yield mentor.id, family.id


def _musts_and_wishes(one: Participation, pool: Pool) -> tuple[list[str], list[str]]:
    """The topics without which nobody is proposed, and those that count for fit only."""
    policy, special = pool.policy_of(one.programme), _special(one, pool.consents)
    musts = {topic for topic in one.topics if policy.is_must(topic)}
    musts |= set(special) if policy.is_must(SPECIAL) else set()
    return sorted(musts), sorted({*one.wishes, *({*one.topics, *special} - musts)})


def _by_subject(sides: tuple[Engagement, ...] | tuple[Participation, ...]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for side in sides:
        for subject in side.subjects:
            found.setdefault(subject, []).append(side.id)
    return found


def _special(one: Engagement | Participation, consents: Consents) -> list[str]:
    return [SPECIAL_PREFIX + token for token in one.special] if consents.allows_special(one) else []
