"""Tokens for tests, from a local issuer of their own."""

from collections.abc import Iterable
from pathlib import Path

from shared.kernel.ids import new_id
from shared.security.local_issuer import LocalIssuer, local_issuers
from shared.security.principals import WITHOUT_CITY, Grant
from shared.security.revocations import RevokedSet
from shared.security.tokens import TokenVerifier


class TestTokens:
    """Issues tokens and makes the verifier that takes them."""

    __test__ = False

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.issuer = LocalIssuer(folder)
        self.issuer.prepare()
        self.revoked = RevokedSet()

    def verifier(self) -> TokenVerifier:
        """A verifier that takes these tokens."""
        return TokenVerifier(local_issuers(self._folder, "local", "127.0.0.1"), revocations=self.revoked)

    def token(
        self,
        role: str,
        city: str,
        *,
        person: str | None = None,
        subject: str | None = None,
        programmes: Iterable[str] = (),
        sites: Iterable[str] = (),
        carrier: str | None = None,
        organisation: str | None = None,
    ) -> str:
        """A token with one grant."""
        grant = Grant(
            role=role,
            city=None if role in WITHOUT_CITY else city,
            carrier=carrier,
            programmes=frozenset(programmes),
            sites=frozenset(sites),
            organisation=organisation,
        )
        return self.issuer.issue(subject or new_id("sub"), [grant], person=person)
