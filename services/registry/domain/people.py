"""People and families; what identifies them is sealed."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from shared.kernel.classified import classified
from shared.kernel.dates import Dated, with_value
from shared.kernel.errors import Finding, Refused
from shared.kernel.sealed import Sealed


@classified(internal="since tokens_form version", personal="id identity registered_by tokens")
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


@classified(
    internal="adults children districts languages mother_tongues reads not_wished protected version",
    personal="id persons household registered_by",
)
@dataclass(frozen=True, slots=True)
class Family:
    """A household or several flats: its persons, how many they are, where they live by date, what they speak.

    No districts are known of a ``protected`` family: they are sealed with its address.
    """

    id: str
    persons: tuple[str, ...]
    adults: int
    children: int
    districts: tuple[Dated[str], ...]
    languages: dict[str, str]
    household: Sealed | None = None
    """Who they are: births, pregnancies, who lives in which of the flats, guardians."""
    mother_tongues: tuple[str, ...] = ()
    reads: tuple[str, ...] = ()
    """The languages that they can read."""
    not_wished: tuple[str, ...] = ()
    """Languages that they speak and do not wish to be spoken to in."""
    protected: bool = False
    registered_by: str = ""
    version: int = 0

    def __post_init__(self) -> None:
        for name in ("mother_tongues", "reads", "not_wished"):
            for number, language in enumerate(getattr(self, name)):
                if language not in self.languages:
                    raise Refused("invalid", (Finding(f"/{name}/{number}", "not-one-of", "a language they speak"),))

    def moved(self, district: str, since: str) -> "Family":
        """The family in another district from a day on."""
        return replace(self, districts=with_value(self.districts, since, district))

    def changed(self, values: Mapping[str, Any]) -> "Family":
        """The family with other values; in ``languages`` each entry changes by itself, and ``None`` removes it.

        What else is said of a language goes with it. Raises ``Refused`` for one that they do not speak.
        """
        spoken = {**self.languages, **values.get("languages", {})}
        languages = {language: level for language, level in spoken.items() if level is not None}
        said = {
            name: tuple(language for language in getattr(self, name) if language in languages)
            for name in ("mother_tongues", "reads", "not_wished")
        }
        return replace(self, **{**said, **values, "languages": languages})

    def without(self, person: str) -> "Family":
        """The family without one of its persons."""
        return replace(self, persons=tuple(other for other in self.persons if other != person))
