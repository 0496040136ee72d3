"""Erasures and their confirmations."""

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
    if await ERASURES.find_one(reader, {"$or": [{"subject": key}, {"also": key}]}) is not None:
        raise Conflict("already-exists")


ERASURES = Repository(Erasure, "erasures", "erasure", _contract)


async def confirmed_by_all(reader: Reader, key: str) -> bool:
    """Whether visits, matching and reporting have confirmed."""
    return all(
        [
            await reader.one(f"known_{service}_confirmations", {"_id": key, "erased": False}) is not None
            for service in ("visits", "matching", "reporting")
        ]
    )
