"""Certificates (Zertifikate): what one states, the number that it bears, and whether it still holds."""

import hashlib
import hmac
import re
from dataclasses import asdict, dataclass, replace
from typing import Final

from services.registry.domain.engagements import Engagement
from services.registry.domain.places import Programme
from shared.kernel.canonical import canonical_json
from shared.kernel.classified import classified
from shared.kernel.errors import Conflict, Refused

NUMBER_FORM: Final = "<city>-XXXXX-XXXXXX"
RANDOM: Final = 10
"""Random characters of a number, of five bits each; a character that proves them follows."""
_FIRST: Final = 5
_ALPHABET: Final = "0123456789abcdefghjkmnpqrstvwxyz"
_BASE: Final = len(_ALPHABET)
_READ_AS: Final = str.maketrans({"o": "0", "i": "1", "l": "1"})
_NUMBER: Final = re.compile(rf"(?P<city>[a-z][a-z0-9-]*)-(?P<first>[0-9a-z]{{{_FIRST}}})-?(?P<second>[0-9a-z]{{6}})")


@classified(internal="title minutes")
@dataclass(frozen=True, slots=True)
class StatedModule:
    """A module that was passed, and the minutes that she attended."""

    title: str
    minutes: int


@classified(
    internal="programme begin end modules certified_on issued_on city site carrier also_in funders",
    personal="number name own_script",
)
@dataclass(frozen=True, slots=True)
class Statement:
    """Everything that a certificate says; never stored, made anew for each document.

    ``own_script`` is the name as its bearer writes it; ``also_in`` the second language; the period ends with its last
    day. ``site`` and ``carrier`` are names, as of the day of the certification; ``funders`` all of that period.
    """

    number: str
    name: str
    own_script: str | None
    programme: str
    begin: str
    end: str
    modules: tuple[StatedModule, ...]
    certified_on: str
    issued_on: str
    city: str
    site: str | None
    carrier: str | None
    also_in: str | None
    funders: tuple[str, ...] = ()

    def proof(self, key: bytes) -> str:
        """What shows later that a document states the same; without the city's key it tells nothing of the name."""
        return hmac.new(key, canonical_json(asdict(self)), hashlib.sha256).hexdigest()


@classified(
    internal="programme issued_on certified_on also_in withdrawn_on withdrawn_because version",
    personal="id number engagement proof",
)
@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate that was issued. Whom it names is sealed elsewhere; ``proof`` is its statement's."""

    id: str
    number: str
    engagement: str
    programme: str
    issued_on: str
    certified_on: str
    also_in: str | None
    proof: str
    withdrawn_on: str | None = None
    withdrawn_because: str | None = None
    version: int = 0

    @property
    def state(self) -> str:
        """``valid`` or ``withdrawn``."""
        return "valid" if self.withdrawn_on is None else "withdrawn"

    def withdrawn(self, today: str, because: str) -> "Certificate":
        """It holds no longer. Raises ``Conflict("certificate-withdrawn")`` where it did not before."""
        self.require_valid()
        return replace(self, withdrawn_on=today, withdrawn_because=because)

    def require_valid(self) -> None:
        """Raises ``Conflict("certificate-withdrawn")``."""
        if self.withdrawn_on is not None:
            raise Conflict("certificate-withdrawn")

    def require_stated(self, proof: str) -> None:
        """Raises ``Conflict("certificate-outdated")`` where a document would now state something else."""
        if not hmac.compare_digest(self.proof, proof):
            raise Conflict("certificate-outdated")


def require_certified(engagement: Engagement, programme: Programme) -> str:
    """The day of the certification.

    Raises ``Conflict("erased")``, and ``Refused`` where she is not certified, or where a corrected attendance has left
    her without a required module since: ``not-certified``, ``qualification``.
    """
    if engagement.person is None:
        raise Conflict("erased")
    missing = list(engagement.missing(programme))
    if engagement.certified_on is None:
        raise Refused("not-certified", params={"missing": missing})
    if missing:
        raise Refused("qualification", params={"missing": missing})
    return engagement.certified_on


def certificate_number(city: str, chance: str) -> str:
    """A number without a meaning: the city, ten random characters of Crockford's base32, one that proves them."""
    drawn = f"{chance}{_check(chance)}".upper()
    return f"{city.upper()}-{drawn[:_FIRST]}-{drawn[_FIRST:]}"


def read_number(text: str) -> str | None:
    """The number as it is stored, from how somebody has typed it; ``None`` for what cannot be one, or a slip."""
    found = _NUMBER.fullmatch("".join(text.split()).lower())
    if found is None:
        return None
    drawn = (found["first"] + found["second"]).translate(_READ_AS)
    if any(character not in _ALPHABET for character in drawn) or _check(drawn[:RANDOM]) != drawn[RANDOM]:
        return None
    return certificate_number(found["city"], drawn[:RANDOM])


def _check(drawn: str) -> str:
    """Luhn's check to the base 32: sees each wrong character and nearly every pair that changed places."""
    total = 0
    for place, character in enumerate(reversed(drawn)):
        value = _ALPHABET.index(character) * (2 if place % 2 == 0 else 1)
        total += value // _BASE + value % _BASE
    return _ALPHABET[-total % _BASE]
