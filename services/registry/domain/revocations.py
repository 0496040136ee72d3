"""Revocations: tokens that no longer hold before they expire."""

from dataclasses import dataclass

from shared.kernel.classified import classified


@classified(internal="id issued_before version", personal="token subject")
@dataclass(frozen=True, slots=True)
class Revocation:
    """One token by its id, or all tokens of a subject issued before an instant."""

    id: str
    token: str | None = None
    subject: str | None = None
    issued_before: str | None = None
    version: int = 0
