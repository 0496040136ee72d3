"""Families: a household or several flats, their district by date, their languages."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from shared.kernel.dates import Dated, with_value
from shared.kernel.sealed import Sealed


@dataclass(frozen=True, slots=True)
class Family:
    """A family; ``household`` seals address, way to the door and contact; ``languages`` maps a tag to its level."""

    id: str
    persons: tuple[str, ...]
    adults: int
    children: int
    districts: tuple[Dated[str], ...]
    languages: Mapping[str, str]
    registered_by: str
    household: Sealed | None = None
    version: int = 0

    def moved(self, since: str, district: str) -> "Family":
        """The family with another district from a day on; an entry of that same day is replaced."""
        return replace(self, districts=with_value(self.districts, since, district))

    def without(self, person: str) -> "Family":
        """The family without one of its persons."""
        return replace(self, persons=tuple(other for other in self.persons if other != person))
