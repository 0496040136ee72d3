"""An issuer for one's own machine: a key made on first use. No deployment accepts it (decision 25)."""

import ipaddress
import json
import os
import secrets
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shared.security.claims import AUDIENCE, MAX_LIFETIME
from shared.security.keysets import JwksFile, KeySource
from shared.security.principals import Grant
from shared.security.tokens import make_private_key, public_part, sign

LOCAL_ISSUER = "tueroeffner-local"
LOCAL_ENV = "local"
KEY_FILE = "local-issuer.json"
JWKS_FILE = "jwks.json"


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach a server bound to ``host``."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def local_issuers(folder: Path, env: str, bind: str) -> dict[str, KeySource]:
    """The entry for ``TokenVerifier(issuers=…)``. Raises ``ValueError`` unless ``env`` is local and ``bind`` loopback.

    The files need not be there yet: they are looked for with the first token.
    """
    if env != LOCAL_ENV or not is_loopback(bind):
        raise ValueError("the local issuer is accepted only with TUEROEFFNER_ENV=local and bound to loopback")
    return {LOCAL_ISSUER: JwksFile(folder / JWKS_FILE, time.monotonic, pause=1.0)}


@dataclass(frozen=True, slots=True)
class LocalIssuer:
    """Issues tokens with the key in ``folder`` (file mode 0600, made on first use, ``jwks.json`` beside it)."""

    folder: Path
    seconds: Callable[[], float] = time.time

    def issue(
        self, subject: str, grants: Iterable[Grant], person: str | None = None, minutes: int = 15, scope: str = ""
    ) -> str:
        """A token for at most 15 minutes. Raises ``ValueError`` beyond that."""
        if not 1 <= minutes * 60 <= MAX_LIFETIME:
            raise ValueError("a token lasts 1 to 15 minutes")
        now = int(self.seconds())
        claims: dict[str, Any] = {
            "iss": LOCAL_ISSUER,
            "aud": AUDIENCE,
            "sub": subject,
            "iat": now,
            "exp": now + minutes * 60,
            "jti": secrets.token_urlsafe(16),
            "grants": [grant_claim(grant) for grant in grants],
        }
        if person is not None:
            claims["person"] = person
        if scope:
            claims["scope"] = scope
        return sign(claims, self._key())

    def prepare(self) -> None:
        """Makes the key now; without it the first ``issue`` does."""
        self._key()

    def _key(self) -> dict[str, Any]:
        path = self.folder / KEY_FILE
        if not path.exists():
            self.folder.mkdir(parents=True, exist_ok=True)
            _create_once(path, json.dumps(make_private_key()))
        key: dict[str, Any] = json.loads(path.read_text())
        jwks = json.dumps({"keys": [public_part(key)]})
        published = self.folder / JWKS_FILE
        if not published.exists() or published.read_text() != jwks:
            _replace(published, jwks, 0o644)
        return key


def grant_claim(grant: Grant) -> dict[str, Any]:
    """A grant as it stands in a token: what is not limited is left out."""
    claim: dict[str, Any] = {"role": grant.role}
    for name in ("city", "carrier", "organisation"):
        if getattr(grant, name) is not None:
            claim[name] = getattr(grant, name)
    if grant.programmes:
        claim["programmes"] = sorted(grant.programmes)
    if grant.sites:
        claim["sites"] = sorted(grant.sites)
    return claim


def _create_once(path: Path, text: str) -> None:
    """Of several processes at once the first one's file stays; nobody ever sees half a file."""
    draft = _draft(path, text, 0o600)
    try:
        os.link(draft, path)
    except FileExistsError:
        return
    finally:
        draft.unlink()


def _replace(path: Path, text: str, mode: int) -> None:
    _draft(path, text, mode).replace(path)


def _draft(path: Path, text: str, mode: int) -> Path:
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(handle, "w") as file:
        file.write(text)
    return draft
