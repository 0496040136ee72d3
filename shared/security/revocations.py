"""Revoked tokens and subjects, in memory; filled by the consumer of ``registry.revocations.v1``."""


class RevokedSet:
    """A token id until it would have expired anyway, or a subject for all that was issued up to a moment."""

    def __init__(self) -> None:
        self._tokens: dict[str, int] = {}
        self._subjects: dict[str, int] = {}

    def revoke_token(self, token_id: str, expires: int) -> None:
        """Refuses this token; ``expires`` (Unix seconds) says when the entry may be dropped by ``sweep``."""
        self._tokens[token_id] = expires

    def revoke_subject(self, subject: str, issued_until: int) -> None:
        """Refuses every token of the subject that was issued at ``issued_until`` (Unix seconds) or before."""
        self._subjects[subject] = max(issued_until, self._subjects.get(subject, 0))

    def is_revoked(self, token_id: str, subject: str, issued: int) -> bool:
        """See ``shared.security.ports.Revocations``."""
        return token_id in self._tokens or self._subjects.get(subject, -1) >= issued

    def sweep(self, now: int) -> None:
        """Drops entries of tokens that have expired."""
        self._tokens = {token: expires for token, expires in self._tokens.items() if expires > now}
