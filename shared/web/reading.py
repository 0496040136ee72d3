"""Reads a request's body with a limit and parses JSON strictly: what is odd is 400, never 500."""

import json
import math
from typing import Any

from starlette.requests import ClientDisconnect
from starlette.types import Receive

from shared.web.problems import WireRefusal

JSON_LIMIT = 1024 * 1024
BATCH_LIMIT = 4 * 1024 * 1024
IMPORT_LIMIT = 20 * 1024 * 1024
DEEPEST = 64


class BodyGate:
    """Counts what arrives; past the limit 413, whatever ``Content-Length`` promised."""

    def __init__(self, receive: Receive, declared: str | None, limit: int) -> None:
        if declared is not None and declared.isascii() and declared.isdigit() and int(declared[:20]) > limit:
            raise WireRefusal(413, "too-large")
        self._receive = receive
        self._left = limit

    async def __call__(self) -> Any:
        """The next message, counted."""
        message = await self._receive()
        if message["type"] == "http.request":
            self._left -= len(message.get("body", b""))
            if self._left < 0:
                raise WireRefusal(413, "too-large")
        return message

    async def everything(self) -> bytes:
        """The whole body. Raises ``ClientDisconnect`` when the sender went away."""
        chunks: list[bytes] = []
        while True:
            message = await self()
            if message["type"] == "http.disconnect":
                raise ClientDisconnect
            chunks.append(message.get("body", b""))
            if not message.get("more_body", False):
                return b"".join(chunks)


def is_json(content_type: str) -> bool:
    """Whether the media type is JSON (``application/json`` or ``application/…+json``)."""
    essence = content_type.split(";", maxsplit=1)[0].strip().lower()
    return essence == "application/json" or (essence.startswith("application/") and essence.endswith("+json"))


def parse(raw: bytes) -> Any:
    """The content. Raises ``WireRefusal`` (400) for what is no JSON, and for what readers understand differently:

    NaN, numbers beyond a double or of thousands of digits, a key twice, half a surrogate pair, more than 64 levels.
    """
    try:
        content = json.loads(
            raw.decode("utf-8"), parse_constant=_no_constant, parse_float=_finite, object_pairs_hook=_once_each
        )
    except (ValueError, RecursionError) as error:
        raise WireRefusal(400, "broken-json") from error
    if raw.count(b"[") + raw.count(b"{") > DEEPEST:
        _check_depth(content)
    if b"\\ud" in raw or b"\\uD" in raw:
        _check_surrogates(content)
    return content


def _no_constant(name: str) -> float:
    raise ValueError(name)


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError("a number beyond a double")
    return value


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    content = dict(pairs)
    if len(content) != len(pairs):
        raise ValueError("a key occurs twice")
    return content


def _check_depth(content: Any) -> None:
    """Level by level, so that the check itself cannot overflow the stack."""
    level: list[Any] = [content]
    for _ in range(DEEPEST + 1):
        level = [
            inner
            for item in level
            if isinstance(item, dict | list)
            for inner in (item.values() if isinstance(item, dict) else item)
        ]
        if not level:
            return
    raise WireRefusal(400, "too-deep")


def _check_surrogates(content: Any) -> None:
    try:
        json.dumps(content, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        raise WireRefusal(400, "broken-json") from error
