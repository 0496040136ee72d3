"""What a round shows to be missing: languages, qualifications and mentors. Figures; nobody is named in them."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from statistics import median_low
from typing import Final

from services.matching.domain.explanation import public_topics
from services.matching.domain.fit import best_language
from services.matching.domain.instance import Family, Mentor
from services.matching.domain.known import Engagement, Programme
from services.matching.domain.language_gap import helpful_languages, lacks_language
from services.matching.domain.rules import RULES, MentorSets, members, places_mask
from services.matching.domain.solved import SolvedRound
from shared.kernel.languages import SUFFICIENT, level_at_least

MOST_RECRUITS: Final = 10
_QUALIFICATION: Final = RULES.index("qualification")


@dataclass(frozen=True, slots=True)
class LanguageGap:
    """Families of a district that wait since nobody who speaks this language and reaches them has a place left.

    ``full`` are the mentors who would, had they a place; ``unavailable`` those who may take nobody today.
    """

    language: str
    district: str
    families: int
    topics: tuple[tuple[str, int], ...]
    full: int
    unavailable: int


@dataclass(frozen=True, slots=True)
class Training:
    """So many waiting families would have a candidate if these mentors, who share a language, passed the modules."""

    modules: tuple[str, ...]
    language: str | None
    mentors: int
    families: int


@dataclass(frozen=True, slots=True)
class Recruiting:
    """The next mentor to be won: what she would speak, reach and know, and how many families she would help.

    An estimate: she has as many places as mentors usually have, and time whenever the families have.
    """

    language: str
    district: str
    topics: tuple[str, ...]
    families: int
    waiting: int


@dataclass(frozen=True, slots=True)
class Gaps:
    """All of a round. ``families`` are those left without a mentor that may be given one."""

    families: int
    without_language: int
    language: tuple[LanguageGap, ...]
    training: tuple[Training, ...]
    recruiting: tuple[Recruiting, ...]


def gaps_of(
    solved: SolvedRound, programme_of: Callable[[str], Programme], outside: Sequence[tuple[Engagement, Mentor]]
) -> Gaps:
    """The gaps after a round. ``outside`` are those who might take nobody, as mentors that could.

    ``programme_of`` gives the programme of a mentor by her id: it is its modules that she could take.
    """
    left = families_left(solved)
    with_places = places_mask(solved.left)
    lacking = [family for family in left if lacks_language(solved.sets, family, with_places)]
    return Gaps(
        families=len(left),
        without_language=len(lacking),
        language=_language(solved, lacking, [mentor for _, mentor in outside]),
        training=_training(solved, programme_of, left, outside),
        recruiting=_recruiting(solved, left),
    )


def families_left(solved: SolvedRound) -> list[Family]:
    """The families with consent that the round left without a mentor, longest first."""
    frozen, chosen = solved.frozen, solved.chosen
    found = [
        family
        for family in solved.instance.families
        if family.consent and family.id not in frozen and family.id not in chosen
    ]
    return sorted(found, key=lambda one: (not one.urgent, one.waiting_since, one.id))


def _language(solved: SolvedRound, lacking: Iterable[Family], outside: Sequence[Mentor]) -> tuple[LanguageGap, ...]:
    cells: defaultdict[tuple[str, str], list[Family]] = defaultdict(list)
    for family in lacking:
        for tag in helpful_languages(family):
            cells[tag, family.district].append(family)
    found: list[LanguageGap] = []
    for (tag, district), families in cells.items():
        topics = Counter(topic for family in families for topic in public_topics(family.topics))
        speaking = solved.sets.speaking.get(tag, 0) & solved.sets.reaching.get(district, 0)
        inside = [solved.instance.mentors[number].id for number in members(speaking)]
        found.append(
            LanguageGap(
                language=tag,
                district=district,
                families=len(families),
                topics=tuple(sorted(topics.items())),
                full=sum(1 for key in inside if key not in solved.unavailable),
                unavailable=sum(1 for one in outside if district in one.districts and _speaks(one, tag)),
            )
        )
    return tuple(sorted(found, key=lambda gap: (-gap.families, gap.language, gap.district)))


def _speaks(one: Mentor, tag: str) -> bool:
    return tag in one.languages and level_at_least(one.languages[tag], SUFFICIENT)


def _training(
    solved: SolvedRound,
    programme_of: Callable[[str], Programme],
    left: Iterable[Family],
    outside: Sequence[tuple[Engagement, Mentor]],
) -> tuple[Training, ...]:
    trainees = [(one, mentor) for one, mentor in outside if solved.unavailable[one.id]["rule"] == "qualification"]
    with_places, sets = places_mask(solved.left), solved.sets
    others = MentorSets.of_mentors([mentor for _, mentor in trainees])
    mentors: defaultdict[tuple[tuple[str, ...], str | None], set[str]] = defaultdict(set)
    families: defaultdict[tuple[tuple[str, ...], str | None], set[str]] = defaultdict(set)

    def add(modules: tuple[str, ...], mentor: Mentor, family: Family) -> None:
        common = best_language(mentor, family)
        key = (modules, None if common is None else common[0])
        mentors[key].add(mentor.id)
        families[key].add(family.id)

    for family in left:
        passing = sets.passing(family, with_places)
        for number in members(_only(sets.everyone, passing, _QUALIFICATION)):
            mentor = solved.instance.mentors[number]
            modules = _modules(programme_of(mentor.id), family.topics - mentor.qualified)
            if modules and mentor.id not in solved.unavailable:
                add(modules, mentor, family)
        for number in members(others.candidates(family, others.everyone)):
            one, mentor = trainees[number]
            if one.modules_missing:
                add(one.modules_missing, mentor, family)
    rows = [Training(*key, mentors=len(mentors[key]), families=len(opened)) for key, opened in families.items()]
    return tuple(sorted(rows, key=lambda row: (-row.families, row.mentors, row.modules, row.language or "")))


def _only(everyone: int, passing: Sequence[int], rule: int) -> int:
    """The mentors that fail this rule and no other."""
    remaining = everyone & ~passing[rule]
    for number, passes in enumerate(passing):
        if number != rule:
            remaining &= passes
    return remaining


def _modules(programme: Programme, topics: Iterable[str]) -> tuple[str, ...]:
    """One module that teaches all of these topics, else one for each; none where a topic is not taught."""
    wanted = frozenset(topics)
    for module in programme.modules:
        if wanted <= set(module.topics):
            return (module.code,)
    first = [programme.modules_for([topic])[:1] for topic in sorted(wanted)]
    return tuple(sorted({code for codes in first for code in codes})) if all(first) else ()


def _recruiting(solved: SolvedRound, left: Sequence[Family]) -> tuple[Recruiting, ...]:
    """One new mentor after the other, each for the language and district where most are without one."""
    capacities = [mentor.capacity for mentor in solved.instance.mentors if mentor.capacity > 0]
    places = median_low(capacities) if capacities else 1
    cells: defaultdict[tuple[str, str], dict[str, Family]] = defaultdict(dict)
    for family in left:
        for tag in helpful_languages(family):
            cells[tag, family.district][family.id] = family
    found: list[Recruiting] = []
    while len(found) < MOST_RECRUITS:
        cell = min(cells, key=lambda one: (-min(places, len(cells[one])), -len(cells[one]), one), default=None)
        if cell is None or not cells[cell]:
            break
        waiting = cells[cell]
        helped = list(waiting.values())[:places]
        topics = public_topics(topic for family in helped for topic in family.topics)
        found.append(Recruiting(*cell, topics=tuple(topics), families=len(helped), waiting=len(waiting)))
        for families in cells.values():
            for family in helped:
                families.pop(family.id, None)
    return tuple(found)
