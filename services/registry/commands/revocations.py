"""Revoking tokens before they expire."""

from services.registry.domain.revocations import Revocation
from services.registry.store.repositories import REVOCATIONS
from shared.storage.work import Work


async def revoke(work: Work, revocation: Revocation) -> Revocation:
    """Every process refuses the token, or the subject's earlier tokens, as soon as it has read this."""
    return await REVOCATIONS.save(work, revocation, "token-revoked")
