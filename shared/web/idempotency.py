"""``Idempotency-Key``: the same request again has the same effect once.

The record's id is a hash over who, where and which key; what it remembers of the body is an HMAC under the city's key.
A key is optional: creates with a client-made id are safe without one, since the second is refused as already there.
"""

import hmac
import re

from shared.kernel.canonical import canonical_json, content_hash
from shared.storage.work import Once
from shared.web.exchange import Exchange
from shared.web.problems import WireRefusal

HEADER = "idempotency-key"
_FORM = re.compile(r"[\x21-\x7e]{8,64}")


def read_key(value: str | None) -> str | None:
    """The key, ``None`` without one. Raises ``WireRefusal`` (400) for what is no 8 to 64 visible characters."""
    if value is not None and not _FORM.fullmatch(value):
        raise WireRefusal(400, "idempotency-key-form")
    return value


def once_of(exchange: Exchange, method: str, path: str, key: str, secret: bytes) -> Once:
    """The idempotency of this request; ``secret`` is the city's key for it."""
    subject = exchange.principal.subject if exchange.principal else ""
    record = content_hash([subject, method, exchange.template, path, key])
    body = canonical_json(exchange.content) if exchange.raw else b""
    return Once(record, hmac.digest(secret, body, "sha256").hex())
