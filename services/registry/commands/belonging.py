"""What a command names must belong to the programme that it is about."""

from services.registry.domain.cohorts import Cohort
from services.registry.store.repositories import COHORTS
from shared.kernel.errors import Finding, Refused
from shared.storage.work import Work


async def cohort_of(work: Work, programme: str, key: str, pointer: str) -> Cohort:
    """The programme's cohort. Raises ``Refused`` at ``pointer`` where it has none of that id."""
    found = await COHORTS.find_one(work, {"_id": key, "programme": programme})
    if found is None:
        raise Refused("invalid", (Finding(pointer, "not-one-of", "a cohort of the programme"),))
    return found
