"""Verifies bearer tokens (RS256, ``at+jwt``) and, locally, issues them: the only importer of joserfc.

joserfc accepts an expired token unless somebody looks at its claims, so ``claims.py`` does, by hand.
"""

import base64
import hashlib
import json
import re
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

from shared.kernel.clock import Clock, system_clock
from shared.security.claims import TokenRefused, malformed, read_principal
from shared.security.keysets import KeySource
from shared.security.ports import Revocations
from shared.security.principals import Principal
from shared.security.revocations import RevokedSet

MAX_TOKEN = 8 * 1024
ALGORITHM = "RS256"
TYPE = "at+jwt"
_HEADER = frozenset({"alg", "typ", "kid"})  # jwk, jku, x5u, x5c, crit, b64, zip, enc: refused by not being here
_FORM = re.compile(r"[A-Za-z0-9_-]{1,600}\.[A-Za-z0-9_-]{1,7000}\.[A-Za-z0-9_-]{1,1400}")
_KID = re.compile(r"[A-Za-z0-9._:-]{1,128}")
_MIN_RSA_BITS = 2048


@dataclass(frozen=True, slots=True)
class _Cached:
    principal: Principal
    until: float


class TokenVerifier:
    """Turns a token into a principal. Verified tokens are remembered until they expire, at most 30 s.

    ``issuers`` maps each accepted ``iss`` to its keys. Revocations are looked at on every call, also on a remembered
    token. Never touches the network; may read a JWKS file.
    """

    def __init__(
        self,
        issuers: Mapping[str, KeySource],
        clock: Clock = system_clock,
        *,
        revocations: Revocations | None = None,
        leeway: int = 30,
        remember: float = 30.0,
        capacity: int = 10_000,
    ) -> None:
        if not 0 <= leeway <= 60:
            raise ValueError("leeway is 0 to 60 seconds")
        self._issuers = dict(issuers)
        self._clock = clock
        self._revocations = revocations if revocations is not None else RevokedSet()
        self._leeway = leeway
        self._remember = remember
        self._capacity = capacity
        self._cache: OrderedDict[bytes, _Cached] = OrderedDict()
        self._keys: dict[tuple[str, str, str], RSAKey] = {}

    def verify(self, token: str) -> Principal:
        """The principal. Raises ``TokenRefused``."""
        if len(token) > MAX_TOKEN:
            raise malformed("too long")
        if not token.isascii():
            raise malformed("not ASCII")
        digest = hashlib.sha256(token.encode()).digest()
        now = self._clock().timestamp()
        cached = self._cache.get(digest)
        if cached is None or cached.until <= now:
            cached = self._check(token, digest, now)
        principal = cached.principal
        if self._revocations.is_revoked(principal):
            raise malformed("revoked")
        return principal

    def forget(self) -> None:
        """Drops what is remembered; called when something was revoked or a key withdrawn."""
        self._cache.clear()
        self._keys.clear()

    def _check(self, token: str, digest: bytes, now: float) -> _Cached:
        self._cache.pop(digest, None)
        claims = self._verified_claims(token)
        principal = read_principal(claims, int(now), self._leeway)
        # Within the leeway after ``exp`` a token still counts, but is not remembered.
        cached = _Cached(principal, min(float(principal.expires), now + self._remember))
        if cached.until > now:
            self._cache[digest] = cached
            while len(self._cache) > self._capacity:
                self._cache.popitem(last=False)
        return cached

    def _verified_claims(self, token: str) -> dict[str, Any]:
        if not _FORM.fullmatch(token):
            raise malformed("not a compact JWS")
        head, payload, _ = token.split(".")
        header = _segment(head)
        if set(header) != _HEADER or header["alg"] != ALGORITHM or header["typ"] != TYPE:
            raise malformed("header")
        kid = header["kid"]
        if not isinstance(kid, str) or not _KID.fullmatch(kid):
            raise malformed("kid")
        claims = _segment(payload)
        issuer = claims.get("iss")
        source = self._issuers.get(issuer) if isinstance(issuer, str) else None
        if not isinstance(issuer, str) or source is None:
            raise malformed("iss")
        jwk = source.find(kid)
        if jwk is None:
            raise malformed("unknown kid")
        try:
            jws.deserialize_compact(token, self._key(issuer, jwk), algorithms=[ALGORITHM])
        except (JoseError, ValueError) as error:
            raise malformed("signature") from error
        return claims

    def _key(self, issuer: str, jwk: dict[str, Any]) -> RSAKey:
        """The parsed key; the modulus is in the name, so a replaced key under an old id is parsed anew."""
        name = (issuer, str(jwk["kid"]), str(jwk.get("n")))
        key = self._keys.get(name)
        if key is None:
            key = RSAKey.import_key(jwk)
            if key.public_key.key_size < _MIN_RSA_BITS:
                raise malformed("weak key")
            self._keys[name] = key
        return key


def make_private_key() -> dict[str, Any]:
    """A new RSA key as a private JWK with a ``kid``; takes a tenth of a second or more."""
    return dict(
        RSAKey.generate_key(_MIN_RSA_BITS, {"use": "sig", "alg": ALGORITHM}, auto_kid=True).as_dict(private=True)
    )


def public_part(private_jwk: Mapping[str, Any]) -> dict[str, Any]:
    """What of a private JWK may be published."""
    return {part: private_jwk[part] for part in ("kty", "kid", "use", "alg", "n", "e")}


def sign(claims: Mapping[str, Any], private_jwk: Mapping[str, Any]) -> str:
    """A compact token of these claims, as the verifier wants it."""
    header = {"alg": ALGORITHM, "typ": TYPE, "kid": private_jwk["kid"]}
    payload = json.dumps(dict(claims), separators=(",", ":"))
    key = _private_key(json.dumps(dict(private_jwk), sort_keys=True))
    return jws.serialize_compact(header, payload, key, algorithms=[ALGORITHM])


@lru_cache(maxsize=8)
def _private_key(jwk: str) -> RSAKey:
    """To import a private key checks its primes, which takes longer than all the rest of a token."""
    return RSAKey.import_key(json.loads(jwk))


def _segment(encoded: str) -> dict[str, Any]:
    """A part of the token as an object; a key that occurs twice is refused, since readers disagree on which counts."""
    try:
        raw = base64.b64decode(encoded + "=" * (-len(encoded) % 4), altchars=b"-_", validate=True)
        content = json.loads(raw.decode(), object_pairs_hook=_once_each)
    except (ValueError, RecursionError) as error:
        raise malformed("segment") from error
    if not isinstance(content, dict):
        raise malformed("segment")
    return content


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    content = dict(pairs)
    if len(content) != len(pairs):
        raise ValueError("a key occurs twice")
    return content


__all__ = ["ALGORITHM", "MAX_TOKEN", "TYPE", "TokenRefused", "TokenVerifier", "make_private_key", "public_part", "sign"]
