"""What the code above relies on for sealing, audit and revocation, without a driver."""

from collections.abc import Mapping
from typing import Any, Protocol

from shared.kernel.sealed import Sealed
from shared.security.principals import Actor


class Sealer(Protocol):
    """Seals sub-documents under a key of their subject. All calls may block on the network and on cryptography."""

    async def seal(self, city: str, subject: str, plain: Mapping[str, Any]) -> Sealed:
        """The cipher text of ``plain``; makes the subject's key on first need, outside any transaction."""
        ...

    async def open(self, city: str, sealed: Sealed) -> dict[str, Any]:
        """The plain text. Raises ``SealBroken`` when the key is destroyed or the value was moved or changed."""
        ...

    async def destroy(self, city: str, subject: str) -> None:
        """Destroys the subject's key; may be called again."""
        ...

    def forget(self, city: str, subject: str) -> None:
        """Drops cached keys of the subject at once; never blocks."""
        ...


class Audit(Protocol):
    """Writes down what left no change: reads of sealed values, and what was refused."""

    async def read(self, city: str, actor: Actor, subject: str, fields: tuple[str, ...]) -> None:
        """One row, durable before this returns: the answer may leave only afterwards."""
        ...

    async def denied(self, city: str, actor: Actor, permission: str, code: str) -> None:
        """One row for an attempt that was refused; ``code`` says why."""
        ...


class Revocations(Protocol):
    """Tokens and subjects that no longer count; in memory, filled from ``registry.revocations.v1``."""

    def is_revoked(self, token_id: str, subject: str, issued: int) -> bool:
        """Whether a token (or everything issued to the subject before some moment) is revoked; never blocks."""
        ...
