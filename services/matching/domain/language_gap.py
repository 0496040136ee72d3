"""When it is the language that is missing: nobody who speaks it and reaches the family has a place left."""

from services.matching.domain.instance import Family
from services.matching.domain.rules import MentorSets, usable_languages


def lacks_language(sets: MentorSets, family: Family, with_places: int) -> bool:
    """Whether nobody with a place speaks a language of the family well enough and reaches its district.

    With an interpreter no language is lacking, and without consent nobody is asked for.
    """
    if family.interpreter or not family.consent:
        return False
    speaking = 0
    for tag in helpful_languages(family):
        speaking |= sets.speaking.get(tag, 0)
    return not speaking & sets.reaching.get(family.district, 0) & with_places


def helpful_languages(family: Family) -> tuple[str, ...]:
    """The languages that a mentor for it must speak: known well enough and not unwished; all, where none is."""
    return tuple(sorted((usable_languages(family.languages) - family.not_wished) or family.languages))
