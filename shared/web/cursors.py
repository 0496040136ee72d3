"""Cursors of lists: the last key of a page, signed under the city's key, good for one city and one filter only."""

import base64
import binascii
import hashlib
import hmac
import json
from typing import Annotated

from fastapi import Query

from shared.kernel.canonical import canonical_json
from shared.web.problems import WireRefusal

LONGEST = 1_000
_MAC_BYTES = 16

Limit = Annotated[int, Query(ge=1, le=200, description="How many entries a page has.")]
Cursor = Annotated[str | None, Query(max_length=LONGEST, description="`next` of the page before.")]


def filter_hash(path: str, query: list[tuple[str, str]]) -> str:
    """What a list was asked for: its path and its parameters, besides cursor and limit."""
    kept = sorted(item for item in query if item[0] not in ("cursor", "limit"))
    return hashlib.sha256(canonical_json([path, kept])).hexdigest()[:16]


def write_cursor(key: bytes, city: str, asked: str, last: str) -> str:
    """The cursor behind the entry ``last``."""
    content = canonical_json([city, asked, last])
    return base64.urlsafe_b64encode(_mac(key, content) + content).decode().rstrip("=")


def read_cursor(key: bytes, city: str, asked: str, cursor: str) -> str:
    """The last key. Raises ``WireRefusal`` (400) for a cursor that is forged, cut, or of another city or filter."""
    try:
        raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        content = raw[_MAC_BYTES:]
        genuine = hmac.compare_digest(raw[:_MAC_BYTES], _mac(key, content))
        if genuine:
            found = json.loads(content)
            if found[:2] == [city, asked]:
                return str(found[2])
    except (binascii.Error, ValueError) as fault:
        raise WireRefusal(400, "cursor-form") from fault
    raise WireRefusal(400, "cursor-form")


def _mac(key: bytes, content: bytes) -> bytes:
    return hmac.new(key, content, hashlib.sha256).digest()[:_MAC_BYTES]
