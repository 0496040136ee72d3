"""Revoked tokens and subjects, in memory; filled by the consumer of ``registry.revocations.v1``."""

from collections.abc import Mapping

from shared.security.principals import Principal


class RevokedSet:
    """A token id until it would have expired anyway, or a subject for all that was issued up to a moment.

    Each was revoked in a city, and counts for tokens that count there. So no city can lock out another's people; a
    token that counts in every city can be revoked in any.
    """

    def __init__(self) -> None:
        self._tokens: dict[str, dict[str, int]] = {}
        self._subjects: dict[str, dict[str, int]] = {}

    def revoke_token(self, city: str, token_id: str, expires: int) -> None:
        """Refuses this token; ``expires`` (Unix seconds) says when the entry may be dropped by ``sweep``."""
        self._tokens.setdefault(token_id, {})[city] = expires

    def revoke_subject(self, city: str, subject: str, issued_until: int) -> None:
        """Refuses every token of the subject that was issued at ``issued_until`` (Unix seconds) or before."""
        cities = self._subjects.setdefault(subject, {})
        cities[city] = max(issued_until, cities.get(city, 0))

    def is_revoked(self, principal: Principal) -> bool:
        """See ``shared.security.ports.Revocations``."""
        token, subject = self._tokens.get(principal.token_id), self._subjects.get(principal.subject)
        if token is None and subject is None:
            return False
        later = {city: until for city, until in (subject or {}).items() if until >= principal.issued}
        return _counts_in(principal, token or {}) or _counts_in(principal, later)

    def sweep(self, now: int) -> None:
        """Drops entries of tokens that have expired."""
        left = {
            token: {city: expires for city, expires in cities.items() if expires > now}
            for token, cities in self._tokens.items()
        }
        self._tokens = {token: cities for token, cities in left.items() if cities}


def _counts_in(principal: Principal, cities: Mapping[str, int]) -> bool:
    return bool(cities) and any(grant.city is None or grant.city in cities for grant in principal.grants)
