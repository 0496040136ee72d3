"""One way to write JSON and to hash it, so that the same content has the same bytes everywhere."""

import hashlib
import json
from typing import Any


def canonical_json(content: Any) -> bytes:
    """UTF-8 JSON with sorted keys and no spaces; numbers are integers (no floats in documents or events)."""
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()


def bytes_hash(content: bytes) -> str:
    """SHA-256 in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def content_hash(content: Any) -> str:
    """SHA-256 over the canonical JSON, in hexadecimal."""
    return bytes_hash(canonical_json(content))
