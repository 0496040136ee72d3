"""Ids, slugs and codes: their forms, and how random ids are made."""

import re
import secrets
import unicodedata
from collections.abc import Callable

ID_PATTERN = r"^[a-z]{3}_[0-7][0-9a-hjkmnp-tv-z]{25}$"
SLUG_PATTERN = r"^[a-z][a-z0-9-]{1,30}$"
CODE_PATTERN = r"^[a-z][a-z0-9_]{1,40}$"

PERSON = "per"
FAMILY = "fam"
ENGAGEMENT = "eng"
PARTICIPATION = "ptc"
TANDEM = "tan"

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
# Ids are made several times in every change; two characters at once take half the time.
_PAIRS = [first + second for first in _ALPHABET for second in _ALPHABET]
_ID = re.compile(ID_PATTERN)
_SLUG = re.compile(SLUG_PATTERN)
_CODE = re.compile(CODE_PATTERN)
_TRANSCRIPTION = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})

RandomBytes = Callable[[int], bytes]


def new_id(prefix: str, random_bytes: RandomBytes = secrets.token_bytes) -> str:
    """A random id: ``<prefix>_`` and 128 random bits in Crockford base32. Ids carry no order."""
    number = int.from_bytes(random_bytes(16), "big")
    return f"{prefix}_{crockford(number, 26)}"


def crockford(number: int, length: int) -> str:
    """``number`` in Crockford's base32, lower case, padded to ``length`` characters."""
    pairs = [_PAIRS[(number >> shift) & 1023] for shift in range(5 * (length - 2), -1, -10)]
    return "".join(pairs) if length % 2 == 0 else "".join([*pairs, _ALPHABET[number & 31]])


def is_id(text: str, prefix: str | None = None) -> bool:
    """Whether ``text`` has the form of an id, and of this kind where ``prefix`` is given."""
    return bool(_ID.fullmatch(text)) and (prefix is None or text.startswith(prefix + "_"))


def is_slug(text: str) -> bool:
    """Whether ``text`` names a city, programme, district, site, carrier or organisation."""
    return bool(_SLUG.fullmatch(text))


def is_code(text: str) -> bool:
    """Whether ``text`` is a code: a topic, a kind, a catalogue entry, an indicator, a reason."""
    return bool(_CODE.fullmatch(text))


def slugify(name: str) -> str:
    """The slug of a display name: ä is ae, ß is ss, other marks are dropped, the rest becomes hyphens."""
    plain = unicodedata.normalize("NFKD", name.lower().translate(_TRANSCRIPTION))
    ascii_only = "".join(c for c in plain if not unicodedata.combining(c))
    return re.sub(r"[^a-z0-9]+", "-", ascii_only).strip("-")[:31].rstrip("-")
