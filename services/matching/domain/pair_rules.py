"""Whether a pair that was once proposed still passes the rules of the file."""

from services.matching.domain.instance_check import read_instance
from services.matching.domain.pool import PoolFile
from services.matching.domain.rules import RULES, MentorSets

_ASKED_ELSEWHERE = frozenset({"consent", "exclusion", "capacity"})
"""Each of them is refused with a code of its own, whatever the file says."""
LEFT_OUT = "left-out"


def rule_broken(file: PoolFile) -> str | None:
    """The first rule that the only pair of a file fails; ``left-out`` where one of the two is not in the file."""
    instance = read_instance(file.document)
    if not instance.mentors or not instance.families:
        return LEFT_OUT
    passing = MentorSets.of(instance).passing(instance.families[0], 1)
    failed = (rule for rule, passes in zip(RULES, passing, strict=True) if not passes & 1)
    return next((rule for rule in failed if rule not in _ASKED_ELSEWHERE), None)
