"""Where the public keys of an issuer come from: a JWKS file, never an address that a token names."""

import json
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

_MAX_BYTES = 256 * 1024
_logger = logging.getLogger(__name__)


class KeySource(Protocol):
    """Public keys by id."""

    def find(self, kid: str) -> dict[str, Any] | None:
        """The one RSA key with this id, as a JWK; ``None`` if there is none or more than one. Reads a file at most."""
        ...


class JwksFile:
    """A JWKS file, read on the first look-up and again, at most once per ``pause`` seconds, on an unknown id."""

    def __init__(self, path: Path, seconds: Callable[[], float], pause: float = 30.0) -> None:
        self._path = path
        self._seconds = seconds
        self._pause = pause
        self._keys: dict[str, dict[str, Any]] = {}
        self._read_at: float | None = None

    def find(self, kid: str) -> dict[str, Any] | None:
        """See ``KeySource``."""
        if kid not in self._keys:
            now = self._seconds()
            if self._read_at is None or now - self._read_at >= self._pause:
                self._read_at = now
                self._reload()
        return self._keys.get(kid)

    def _reload(self) -> None:
        """Keeps the keys that were known when the file is away or broken: one bad write must not lock all out."""
        try:
            raw = self._path.read_bytes()
            content = json.loads(raw) if len(raw) <= _MAX_BYTES else None
            self._keys = public_keys(content)
        except (OSError, ValueError) as error:
            _logger.warning("jwks_unreadable", extra={"error": type(error).__name__})


def public_keys(jwks: object) -> dict[str, dict[str, Any]]:
    """The RSA signature keys of a JWKS by id, one by one; an id that occurs twice counts for none of them."""
    if not isinstance(jwks, dict) or not isinstance(jwks.get("keys"), list):
        raise ValueError("not a JWKS")
    found: dict[str, dict[str, Any]] = {}
    double: set[str] = set()
    for key in jwks["keys"]:
        if not isinstance(key, dict) or not isinstance(key.get("kid"), str) or not key["kid"]:
            continue
        kid = key["kid"]
        if kid in found or kid in double:
            double.add(kid)
            found.pop(kid, None)
        elif key.get("kty") == "RSA" and key.get("use", "sig") == "sig" and key.get("alg", "RS256") == "RS256":
            found[kid] = {part: key[part] for part in ("kty", "kid", "n", "e") if part in key}
        else:
            double.add(kid)
    return found
