"""Organisations: carriers, partners, funders, institutions of the directory."""

from dataclasses import dataclass
from typing import Final

ROLES: Final = ("carrier", "partner", "funder", "institution")


@dataclass(frozen=True, slots=True)
class Organisation:
    """An organisation; ``id`` is its slug, ``services`` are names for display."""

    id: str
    name: str
    roles: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    version: int = 0
