"""A token's claims, checked by hand: types, times, audience and grants. Signatures are ``tokens.py``'s."""

import re
from typing import Any

from shared.kernel.ids import is_id, is_slug
from shared.security.principals import MENTOR, ROLES, WITHOUT_CITY, Grant, Principal

AUDIENCE = "tueroeffner"
MAX_LIFETIME = 15 * 60
MAX_GRANTS = 32
_MAX_NAMES = 100
_WORD = re.compile(r"[A-Za-z0-9._:/@-]{1,128}")
_GRANT_KEYS = frozenset({"role", "city", "carrier", "programmes", "sites", "organisation"})


class TokenRefused(Exception):
    """The token does not count (401). ``code`` is ``token-missing``, ``token-expired`` or ``token-refused``.

    ``why`` is for the log; it holds no value of the token.
    """

    def __init__(self, code: str, why: str) -> None:
        super().__init__(why)
        self.code = code
        self.why = why


def malformed(why: str) -> TokenRefused:
    """The one refusal for everything but a missing and an expired token."""
    return TokenRefused("token-refused", why)


def read_principal(claims: dict[str, Any], now: int, leeway: int) -> Principal:
    """The principal of verified claims. Raises ``TokenRefused``; ``now`` and ``leeway`` are seconds."""
    issued, expires = _check_times(claims, now, leeway)
    if claims.get("aud") not in (AUDIENCE, [AUDIENCE]):
        raise malformed("aud")
    person = claims.get("person")
    if person is not None and not (isinstance(person, str) and is_id(person, "per")):
        raise malformed("person")
    scope = claims.get("scope", "")
    if not isinstance(scope, str) or len(scope) > 1024:
        raise malformed("scope")
    grants = claims.get("grants")
    if not isinstance(grants, list) or not 1 <= len(grants) <= MAX_GRANTS:
        raise malformed("grants")
    found = tuple(_grant(grant) for grant in grants)
    if person is None and any(grant.role == MENTOR for grant in found):
        raise malformed("a mentor without a person")
    return Principal(_word(claims, "sub"), found, person, scope, _word(claims, "jti"), issued, expires)


def _check_times(claims: dict[str, Any], now: int, leeway: int) -> tuple[int, int]:
    issued, expires = _integer(claims, "iat"), _integer(claims, "exp")
    if not 0 < expires - issued <= MAX_LIFETIME:
        raise malformed("lifetime")
    if expires <= now - leeway:
        raise TokenRefused("token-expired", "exp")
    if issued > now + leeway:
        raise malformed("iat")
    if "nbf" in claims and _integer(claims, "nbf") > now + leeway:
        raise malformed("nbf")
    return issued, expires


def _integer(claims: dict[str, Any], name: str) -> int:
    value = claims.get(name)
    if type(value) is not int:  # neither a string nor a float nor a bool
        raise malformed(name)
    return value


def _word(claims: dict[str, Any], name: str) -> str:
    value = claims.get(name)
    if not isinstance(value, str) or not _WORD.fullmatch(value):
        raise malformed(name)
    return value


def _grant(content: object) -> Grant:
    if not isinstance(content, dict) or not set(content) <= _GRANT_KEYS or content.get("role") not in ROLES:
        raise malformed("grant")
    grant = Grant(
        role=content["role"],
        city=_slug(content.get("city")),
        carrier=_slug(content.get("carrier")),
        programmes=_slugs(content.get("programmes")),
        sites=_slugs(content.get("sites")),
        organisation=_slug(content.get("organisation")),
    )
    if grant.city is None and grant.role not in WITHOUT_CITY:
        raise malformed("a grant without a city")
    if grant.city is not None and grant.role == "association":
        raise malformed("the association has no city")
    return grant


def _slug(value: object) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str) or not is_slug(value):
        raise malformed("slug")
    return value


def _slugs(value: object) -> frozenset[str]:
    """An empty list would read as "unlimited" and is refused; who reaches nothing needs no grant."""
    if value is None:
        return frozenset()
    if not isinstance(value, list) or not 1 <= len(value) <= _MAX_NAMES:
        raise malformed("a list of slugs")
    return frozenset(slug for slug in (_slug(item) for item in value) if slug is not None)
