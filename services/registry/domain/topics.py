"""Special topics: what must not be told travels as an opaque token, the same for ever within a city."""

import hashlib
import hmac
from dataclasses import dataclass
from typing import Final

from shared.kernel.classified import classified
from shared.kernel.ids import crockford

_BITS: Final = 80
_LENGTH: Final = 16


@classified(public="plain", special="special")
@dataclass(frozen=True, slots=True)
class Topics:
    """Topics sorted out: codes that may be told, and tokens of special ones."""

    plain: tuple[str, ...]
    special: tuple[str, ...]


def special_token(key: bytes, programme: str, code: str) -> str:
    """80 bits of an HMAC over programme and code under the city's key, in Crockford's base32."""
    digest = hmac.new(key, f"{programme}/{code}".encode(), hashlib.sha256).digest()
    return crockford(int.from_bytes(digest[: _BITS // 8], "big"), _LENGTH)


def sort_out(key: bytes, programme: str, special: tuple[str, ...], codes: tuple[str, ...]) -> Topics:
    """Parts ``codes`` into those that may be told and tokens of those whose token is in ``special``."""
    tokens = {code: special_token(key, programme, code) for code in dict.fromkeys(codes)}
    return Topics(
        plain=tuple(code for code, token in tokens.items() if token not in special),
        special=tuple(sorted(token for token in tokens.values() if token in special)),
    )
