"""What token verification relies on for revocation, without a driver."""

from typing import Protocol


class Revocations(Protocol):
    """Tokens and subjects that no longer count; in memory, filled from ``registry.revocations.v1``."""

    def is_revoked(self, token_id: str, subject: str, issued: int) -> bool:
        """Whether a token (or everything issued to the subject before some moment) is revoked; never blocks."""
        ...
