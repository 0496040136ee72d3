"""Erasures and their confirmations."""

from collections.abc import Sequence, Set

from services.registry.domain.erasures import Erasure
from shared.contracts.registry import ErasureV1
from shared.kernel.errors import Conflict
from shared.storage.repository import Repository
from shared.storage.work import Reader


def _contract(erasure: Erasure) -> ErasureV1:
    return ErasureV1(
        id=erasure.id,
        subject=erasure.subject,
        also=erasure.also,
        requested_at=erasure.requested_at,
        completed_at=erasure.completed_at,
    )


async def require_unused(reader: Reader, key: str) -> None:
    """Raises ``Conflict("already-exists")`` for an id that an erasure names: it never comes back."""
    if await used_among(reader, [key]):
        raise Conflict("already-exists")


async def used_among(reader: Reader, keys: Sequence[str]) -> Set[str]:
    """Those of the ids that an erasure names."""
    among = {"$in": list(keys)}
    found = await ERASURES.find(reader, {"$or": [{"subject": among}, {"also": among}]})
    return {subject for erasure in found for subject in erasure.subjects} & set(keys)


ERASURES = Repository(Erasure, "erasures", "erasure", _contract)


async def confirmed_by_all(reader: Reader, key: str) -> bool:
    """Whether visits, matching and reporting have confirmed."""
    return all(
        [
            await reader.one(f"known_{service}_confirmations", {"_id": key, "erased": False}) is not None
            for service in ("visits", "matching", "reporting")
        ]
    )
