"""People and families; what identifies them is sealed."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from shared.kernel.dates import Dated, with_value
from shared.kernel.sealed import Sealed


@dataclass(frozen=True, slots=True)
class Person:
    """A person; the identity (name, contact) is sealed under her own key.

    ``tokens`` (see ``search``) are made from the identity, by the rules ``tokens_form``, and change with it only.
    """

    id: str
    identity: Sealed
    since: str
    registered_by: str = ""
    tokens: tuple[bytes, ...] = ()
    tokens_form: int = 0
    version: int = 0

    def identified(self, identity: Sealed, tokens: tuple[bytes, ...], form: int) -> "Person":
        """The person with another identity, found by other tokens."""
        return replace(self, identity=identity, tokens=tokens, tokens_form=form)


@dataclass(frozen=True, slots=True)
class Family:
    """A household or several flats: its persons, how many they are, where they live by date, what they speak."""

    id: str
    persons: tuple[str, ...]
    adults: int
    children: int
    districts: tuple[Dated[str], ...]
    languages: dict[str, str]
    contact: Sealed | None = None
    registered_by: str = ""
    version: int = 0

    def moved(self, district: str, since: str) -> "Family":
        """The family in another district from a day on."""
        return replace(self, districts=with_value(self.districts, since, district))

    def changed(self, values: Mapping[str, Any]) -> "Family":
        """The family with other values; in ``languages`` each entry changes by itself, and ``None`` removes it."""
        spoken = {**self.languages, **values.get("languages", {})}
        languages = {language: level for language, level in spoken.items() if level is not None}
        return replace(self, **{**values, "languages": languages})

    def without(self, person: str) -> "Family":
        """The family without one of its persons."""
        return replace(self, persons=tuple(other for other in self.persons if other != person))
