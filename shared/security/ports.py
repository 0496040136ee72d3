"""What token verification relies on for revocation, without a driver."""

from typing import Protocol

from shared.security.principals import Principal


class Revocations(Protocol):
    """Tokens and subjects that no longer count; in memory, filled from ``registry.revocations.v1``."""

    def is_revoked(self, principal: Principal) -> bool:
        """Whether the token (or everything issued to its subject before some moment) is revoked in a city in which it
        counts; never blocks.
        """
        ...
