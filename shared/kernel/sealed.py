"""A sealed value: bytes that only the subject's key opens."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sealed:
    """Cipher text under the key of ``subject``. Loading one does no cryptography; opening it is an explicit await."""

    subject: str
    blob: bytes

    def __repr__(self) -> str:
        return f"Sealed({self.subject}, {len(self.blob)} bytes)"
