"""Tokens that must not count: forged, confused, expired, foreign, decorated. And the ones that must."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from joserfc.jwk import RSAKey

from shared.security.claims import TokenRefused
from shared.security.keysets import JwksFile, public_keys
from shared.security.local_issuer import LOCAL_ISSUER, local_issuers
from shared.security.revocations import RevokedSet
from shared.security.tokens import TokenVerifier, make_private_key, public_part, sign

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
ISSUED = int(NOW.timestamp())
KEY = make_private_key()
OTHER = make_private_key()
Header = dict[str, Any]


class Keys:
    """Public keys in memory, counting the look-ups."""

    def __init__(self, *keys: dict[str, Any]) -> None:
        self._keys = public_keys({"keys": [public_part(key) for key in keys]})
        self.asked: list[str] = []

    def find(self, kid: str) -> dict[str, Any] | None:
        self.asked.append(kid)
        return self._keys.get(kid)


def verifier(now: datetime = NOW, **options: Any) -> TokenVerifier:
    return TokenVerifier({"https://id.example": Keys(KEY)}, lambda: now, **options)


def claims(**changes: Any) -> dict[str, Any]:
    content: dict[str, Any] = {
        "iss": "https://id.example",
        "aud": "tueroeffner",
        "sub": "sub-1",
        "iat": ISSUED,
        "exp": ISSUED + 600,
        "jti": "jti-1",
        "grants": [{"role": "coordinator", "city": "rostock"}],
    }
    content |= changes
    return {name: value for name, value in content.items() if value is not ...}


def encode(content: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")


def header(**changes: Any) -> Header:
    content: Header = {"alg": "RS256", "typ": "at+jwt", "kid": KEY["kid"], **changes}
    return {name: value for name, value in content.items() if value is not ...}


def signed(head: Header, content: dict[str, Any], key: dict[str, Any] = KEY) -> str:
    """A token whose signature over this header is genuine, so that only the header can be the reason to refuse it."""
    message = f"{encode(head)}.{encode(content)}"
    private = RSAKey.import_key(key).private_key
    assert private is not None
    signature = private.sign(message.encode(), PKCS1v15(), SHA256())
    return f"{message}.{base64.urlsafe_b64encode(signature).decode().rstrip('=')}"


def assert_refused(token: str, code: str = "token-refused", **options: Any) -> None:
    with pytest.raises(TokenRefused) as caught:
        verifier(**options).verify(token)
    assert caught.value.code == code


def test_genuine_token_counts_and_names_its_grants() -> None:
    principal = verifier().verify(signed(header(), claims()))
    assert (principal.subject, principal.token_id) == ("sub-1", "jti-1")
    assert [(grant.role, grant.city) for grant in principal.grants] == [("coordinator", "rostock")]
    assert verifier().verify(sign(claims(), KEY)) == principal


@pytest.mark.parametrize("algorithm", ["none", "None", "nOnE", "NONE", "", None, 0, "HS256", "RS512", "ES256", "PS256"])
@pytest.mark.parametrize("signature", ["", "AAAA", "genuine"])
def test_unsigned_and_other_algorithms_are_refused(algorithm: Any, signature: str) -> None:
    genuine = signed(header(alg=algorithm), claims())
    head, payload, tail = genuine.split(".")
    assert_refused(f"{head}.{payload}.{tail if signature == 'genuine' else signature}")


def test_stripped_changed_and_foreign_signatures_are_refused() -> None:
    head, payload, tail = signed(header(), claims()).split(".")
    stronger = encode(claims(grants=[{"role": "association"}]))
    other = signed(header(), claims(), OTHER)
    for token in (f"{head}.{payload}.", f"{head}.{payload}", f"{head}.{stronger}.{tail}", other, "", "a.b.c", "…"):
        assert_refused(token)


@pytest.mark.parametrize("form", ["pem", "jwk", "modulus"])
def test_public_key_as_a_shared_secret_is_refused(form: str) -> None:
    public = public_part(KEY)
    secret = {
        "pem": RSAKey.import_key(public).as_pem(private=False),
        "jwk": json.dumps(public).encode(),
        "modulus": str(public["n"]).encode(),
    }[form]
    for algorithm in ("HS256", "RS256"):
        message = f"{encode(header(alg=algorithm))}.{encode(claims())}"
        mac = hmac.new(secret, message.encode(), hashlib.sha256).digest()
        assert_refused(f"{message}.{base64.urlsafe_b64encode(mac).decode().rstrip('=')}")


@pytest.mark.parametrize(
    "kid", ["unknown", "../../etc/passwd", "https://evil.example/k", "k" * 10_000, "", None, 7, ["a"], "a\x00b", ...]
)
def test_odd_key_ids_are_refused(kid: Any) -> None:
    assert_refused(signed(header(kid=kid), claims()))


def test_odd_key_id_never_reaches_the_key_source() -> None:
    keys = Keys(KEY)
    for kid in ("../../etc/passwd", "https://evil.example/k", "k" * 10_000):
        with pytest.raises(TokenRefused):
            TokenVerifier({"https://id.example": keys}, lambda: NOW).verify(signed(header(kid=kid), claims()))
    assert keys.asked == []


def test_key_id_of_another_issuer_is_refused() -> None:
    two = TokenVerifier({"https://id.example": Keys(KEY), "https://other.example": Keys(OTHER)}, lambda: NOW)
    with pytest.raises(TokenRefused):
        two.verify(signed(header(kid=OTHER["kid"]), claims(), OTHER))


def test_key_id_that_occurs_twice_counts_for_none() -> None:
    twin = {**public_part(OTHER), "kid": KEY["kid"]}
    assert public_keys({"keys": [public_part(KEY), twin]}) == {}
    assert public_keys({"keys": [public_part(KEY), {**twin, "use": "enc"}]}) == {}


def test_key_file_is_read_again_at_most_once_a_pause(tmp_path: Path) -> None:
    path, now = tmp_path / "jwks.json", [0.0]
    path.write_text(json.dumps({"keys": [public_part(KEY)]}))
    source = JwksFile(path, lambda: now[0], pause=30)
    assert source.find(KEY["kid"]) is not None
    path.write_text(json.dumps({"keys": [public_part(OTHER)]}))
    assert [source.find(OTHER["kid"]) for _ in range(100)] == [None] * 100
    now[0] = 31
    assert source.find(OTHER["kid"]) is not None
    path.write_text("{broken")
    now[0] = 62
    assert source.find("unknown") is None
    assert source.find(OTHER["kid"]) is not None


@pytest.mark.parametrize(
    "change",
    [
        {"exp": ...},
        {"iat": ...},
        {"exp": str(ISSUED + 600)},
        {"exp": ISSUED + 600.5},
        {"exp": 10**20},
        {"exp": True},
        {"exp": None},
        {"iat": ISSUED + 300, "exp": ISSUED + 900},
        {"nbf": ISSUED + 300},
        {"nbf": "now"},
        {"exp": ISSUED + 16 * 60},
        {"exp": ISSUED - 1},
        {"iat": -(10**9)},
    ],
)
def test_odd_times_are_refused(change: dict[str, Any]) -> None:
    assert_refused(signed(header(), claims(**change)))


def test_expired_token_is_refused_as_such_after_the_leeway_also_when_remembered() -> None:
    token = signed(header(), claims())
    moment = [NOW]
    keeper = TokenVerifier({"https://id.example": Keys(KEY)}, lambda: moment[0], leeway=30)
    for seconds in (0, 599, 629):
        moment[0] = NOW + timedelta(seconds=seconds)
        assert keeper.verify(token).subject == "sub-1"
    moment[0] = NOW + timedelta(seconds=630)
    with pytest.raises(TokenRefused) as caught:
        keeper.verify(token)
    assert caught.value.code == "token-expired"


@pytest.mark.parametrize(
    "change",
    [
        {"aud": "other"},
        {"aud": ["tueroeffner", "other"]},
        {"aud": ...},
        {"iss": "https://evil.example"},
        {"iss": ...},
        {"iss": ["https://id.example"]},
        {"iss": LOCAL_ISSUER},
        {"sub": ""},
        {"sub": ...},
        {"sub": "a b\n"},
        {"jti": ...},
        {"grants": ...},
        {"grants": []},
        {"grants": [{"role": "coordinator", "city": "rostock"}] * 33},
        {"grants": [{"role": "root", "city": "rostock"}]},
        {"grants": [{"role": "coordinator"}]},
        {"grants": [{"role": "association", "city": "rostock"}]},
        {"grants": [{"role": "coordinator", "city": "Rostock"}]},
        {"grants": [{"role": "coordinator", "city": "rostock", "programmes": []}]},
        {"grants": [{"role": "coordinator", "city": "rostock", "admin": True}]},
        {"grants": [{"role": "mentor", "city": "rostock"}]},
        {"grants": [{"role": ["association"]}]},
        {"person": "per_1"},
    ],
)
def test_odd_claims_are_refused(change: dict[str, Any]) -> None:
    assert_refused(signed(header(), claims(**change)))


@pytest.mark.parametrize(
    "change",
    [
        {"typ": "JWT"},
        {"typ": "id+jwt"},
        {"typ": "rt+jwt"},
        {"typ": ...},
        {"typ": "AT+JWT"},
        {"jwk": public_part(OTHER)},
        {"jku": "https://evil.example/jwks"},
        {"x5u": "https://evil.example/x"},
        {"x5c": ["MII"]},
        {"crit": ["exp"]},
        {"b64": False, "crit": ["b64"]},
        {"cty": "JWT"},
        {"zip": "DEF"},
        {"enc": "A256GCM", "alg": "RSA-OAEP"},
    ],
)
def test_decorated_headers_are_refused(change: Header) -> None:
    assert_refused(signed(header(**change), claims()))


def test_embedded_key_that_signed_it_is_refused() -> None:
    assert_refused(signed(header(kid=OTHER["kid"], jwk=public_part(OTHER)), claims(), OTHER))


def test_encrypted_nested_and_oversized_tokens_are_refused_quickly() -> None:
    nested = encode(signed(header(), claims()))
    began = time.process_time()
    for token in ("a.b.c.d.e", f"{encode(header())}.{nested}.AAAA", "A" * 65_536, "a." * 30_000 + "b"):
        assert_refused(token)
    assert time.process_time() - began < 0.1


def test_header_with_a_name_twice_is_refused() -> None:
    raw = f'{{"alg":"none","alg":"RS256","typ":"at+jwt","kid":"{KEY["kid"]}"}}'
    head = base64.urlsafe_b64encode(raw.encode()).decode().rstrip("=")
    _, payload, tail = signed(header(), claims()).split(".")
    assert_refused(f"{head}.{payload}.{tail}")


@pytest.mark.parametrize(
    "revoke",
    [lambda s: s.revoke_token("rostock", "jti-1", 2**40), lambda s: s.revoke_subject("rostock", "sub-1", ISSUED)],
)
def test_revocation_reaches_a_token_that_was_just_taken(revoke: Callable[[RevokedSet], None]) -> None:
    revoked = RevokedSet()
    keeper, token = verifier(revocations=revoked), signed(header(), claims())
    keeper.verify(token)
    revoke(revoked)
    with pytest.raises(TokenRefused):
        keeper.verify(token)


@pytest.mark.parametrize(
    ("env", "bind"),
    [("production", "127.0.0.1"), ("test", "127.0.0.1"), ("local", "0.0.0.0"), ("local", "10.0.0.1"), ("local", "x")],  # noqa: S104
)
def test_local_issuer_is_not_accepted_elsewhere(env: str, bind: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="local issuer"):
        local_issuers(tmp_path, env, bind)
