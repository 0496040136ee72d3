"""Contact data of a family or a person: where they live, how they are reached, and who alone may know where."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from shared.kernel.classified import classified
from shared.kernel.dates import Dated
from shared.kernel.errors import Finding, Forbidden
from shared.kernel.sealed import Sealed

Plain = Mapping[str, Any]
Histories = dict[str, tuple[Dated[str], ...]]
"""Districts by date, under the id of the family, or of each of a person's participations."""

TELEPHONE: Final = "+ and the country, or 0 and the area, 7 to 15 digits: +49 381 1234567, 0381 1234567"
BY_NUMBER: Final = frozenset({"telephone", "sms", "whatsapp", "signal", "viber"})
_WRITTEN: Final = re.compile(r"[+0-9(][0-9 \u00a0/.()-]*")
_NORMAL: Final = re.compile(r"\+[1-9][0-9]{6,14}")
_HERE: Final = "+49"


@classified(internal="version", personal="id where ways named")
@dataclass(frozen=True, slots=True)
class Contact:
    """See the module; ``id`` is the family or person. ``where`` and ``ways`` are sealed apart, under her key.

    ``named`` are the tokens' subjects and the mentors' person ids who alone may know ``where``; ``None`` means that
    there is no secret about it.
    """

    id: str
    where: Sealed | None = None
    """Flats; while the address is protected also the districts."""
    ways: Sealed | None = None
    """Telephones, messengers, whom letters go to."""
    named: tuple[str, ...] | None = None
    version: int = 0

    @property
    def protected(self) -> bool:
        """Whether only those named may know where."""
        return self.named is not None

    def known_to(self, names: Collection[str]) -> bool:
        """Whether somebody with one of these names may know where."""
        return self.named is None or not set(self.named).isdisjoint(names)

    def require_known_to(self, names: Collection[str]) -> None:
        """Raises ``Forbidden``: ``address-protected``."""
        if not self.known_to(names):
            raise Forbidden("address-protected")

    def protected_for(self, names: Collection[str], where: Sealed) -> "Contact":
        """The contact whose ``where`` only those named may know."""
        return replace(self, named=tuple(sorted(set(names))), where=where)

    def without_name(self, name: str) -> "Contact":
        """The contact, no longer known to one of those named."""
        return replace(self, named=tuple(other for other in self.named or () if other != name))


def telephone(written: str) -> str:
    """The number as E.164 has it: ``+``, country, digits. A number without country is one in Germany.

    Raises ``ValueError`` for anything that is no such number.
    """
    text = written.strip()
    if not _WRITTEN.fullmatch(text):
        raise ValueError(TELEPHONE)
    abroad = text.startswith(("+", "00"))
    digits = re.sub(r"[^0-9]", "", text.replace("(0)", "", 1) if abroad else text)
    if text.startswith("+"):
        number = f"+{digits}"
    elif digits.startswith("00"):
        number = f"+{digits[2:]}"
    elif digits.startswith("0"):
        number = _HERE + digits[1:]
    else:
        raise ValueError(TELEPHONE)
    if number.startswith(f"{_HERE}0"):  # the zero before the area, kept behind the country by mistake
        number = _HERE + number[len(_HERE) + 1 :]
    if not _NORMAL.fullmatch(number):
        raise ValueError(TELEPHONE)
    return number


def contact_findings(flats: Sequence[Plain], channels: Sequence[Plain]) -> tuple[Finding, ...]:
    """What is wrong with contact data that have the right form."""
    return (*_flat_findings(flats), *_channel_findings(channels))


def histories_from(plain: Plain) -> Histories:
    """The districts that were sealed."""
    return {
        key: tuple(Dated(entry["since"], entry["value"]) for entry in entries)
        for key, entries in plain.get("districts", {}).items()
    }


def with_histories(plain: Plain, histories: Histories) -> dict[str, Any]:
    """``plain`` with these districts and no others, ready to be sealed."""
    kept = {name: value for name, value in plain.items() if name != "districts"}
    if not histories:
        return kept
    entries = {
        key: [{"since": entry.since, "value": entry.value} for entry in dated] for key, dated in histories.items()
    }
    return {**kept, "districts": entries}


def _flat_findings(flats: Sequence[Plain]) -> Iterator[Finding]:
    for number, flat in enumerate(flats):
        if not any(flat.get(name) for name in ("street", "shelter", "door")):
            yield Finding(f"/flats/{number}/street", "missing", "a street, a shelter, or how to find the door")
        if flat.get("number") and not flat.get("street"):
            yield Finding(f"/flats/{number}/street", "missing", "the street of that number")


def _channel_findings(channels: Sequence[Plain]) -> Iterator[Finding]:
    for number, channel in enumerate(channels):
        pointer, given = f"/channels/{number}", [name for name in ("number", "handle") if channel.get(name)]
        if channel["kind"] in BY_NUMBER and given != ["number"]:
            name = "number" if "number" not in given else "handle"
            yield Finding(f"{pointer}/{name}", "missing" if name == "number" else "too-much", "a number, no handle")
        elif len(given) != 1:
            yield Finding(f"{pointer}/handle", "one-of-two", "either a handle or a number")
        if channel.get("person") and channel.get("whom"):
            yield Finding(f"{pointer}/whom", "one-of-two", "either a person or who else is called")
