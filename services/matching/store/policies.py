"""The policies of the programmes."""

from services.matching.domain.programme_policy import ProgrammePolicy
from shared.storage.work import Reader


async def policy_of(reader: Reader, slug: str, day: str) -> ProgrammePolicy:
    """The policy of a programme that holds on a day; the default where nobody has set one."""
    del reader, day
    return ProgrammePolicy(slug)
