"""Persons: an id, and an identity that only their own key opens."""

from dataclasses import dataclass

from shared.kernel.sealed import Sealed


@dataclass(frozen=True, slots=True)
class Person:
    """A person; ``identity`` seals names, contact and year of birth. ``registered_by`` is a token's subject."""

    id: str
    since: str
    identity: Sealed
    registered_by: str
    version: int = 0
