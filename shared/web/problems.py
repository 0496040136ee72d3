"""Refusals as RFC 9457 problems: one table from error to status, titles in the reader's language, no input's value."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.responses import Response

from shared.kernel.errors import (
    Conflict,
    DomainError,
    Finding,
    Forbidden,
    NotFound,
    NotYetKnown,
    Refused,
    SealBroken,
    Unavailable,
    VersionLost,
)
from shared.web.catalogues import Catalogues
from shared.web.exchange import Exchange

MEDIA_TYPE = "application/problem+json"

# The one table from the kernel's errors to HTTP.
STATUS: Mapping[type[DomainError], int] = {
    Refused: 422,
    NotFound: 404,
    Forbidden: 403,
    Conflict: 409,
    VersionLost: 412,
    NotYetKnown: 409,
    Unavailable: 503,
    SealBroken: 410,
}

# For refusals of HTTP itself, and where a code has no words of its own.
CODE_OF_STATUS: Mapping[int, str] = {
    400: "bad-request",
    401: "token-refused",
    403: "forbidden",
    404: "not-found",
    405: "method-not-allowed",
    406: "not-acceptable",
    409: "conflict",
    410: "gone",
    412: "version-lost",
    413: "too-large",
    415: "media-type",
    422: "refused",
    428: "version-needed",
    429: "too-many",
    500: "internal",
    503: "unavailable",
}


class WireRefusal(DomainError):
    """A refusal of HTTP itself (400, 413, 415, 428 …), with its status."""

    def __init__(self, status: int, code: str, findings: tuple[Finding, ...] = (), **headers: str) -> None:
        super().__init__(code, findings)
        self.status = status
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}


@dataclass(frozen=True, slots=True)
class Problem:
    """What went wrong, without words."""

    status: int
    code: str
    findings: Sequence[Finding] = ()
    params: Mapping[str, Any] | None = None
    headers: Mapping[str, str] | None = None


def problem_of(error: DomainError) -> Problem:
    """The problem that a refusal is answered with."""
    if isinstance(error, WireRefusal):
        return Problem(error.status, error.code, error.findings, error.params, error.headers)
    status = next((STATUS[kind] for kind in type(error).__mro__ if kind in STATUS), 500)
    if status == 404:
        # What is not there and what is not for this caller must look the same, so the code says no more than that.
        return Problem(status, CODE_OF_STATUS[status])
    headers: dict[str, str] = {}
    if isinstance(error, NotYetKnown | Unavailable) or error.code == "in-progress":
        headers["Retry-After"] = "1"
    version = error.params.get("version")
    if isinstance(error, VersionLost) and isinstance(version, int):
        headers["ETag"] = f'"{version}"'
    return Problem(status, error.code, error.findings, error.params, headers)


def render(problem: Problem, exchange: Exchange, catalogues: Catalogues) -> Response:
    """The answer. ``type`` is a path that this service answers with a page about the code."""
    language = exchange.language
    content: dict[str, Any] = {
        "type": f"/problems/{exchange.service}/{problem.code}",
        "title": title(problem.code, problem.status, language, exchange.service, catalogues),
        "status": problem.status,
        "code": problem.code,
        "correlation_id": exchange.correlation,
    }
    if problem.findings:
        content["errors"] = [_entry(finding) for finding in problem.findings]
    if problem.params:
        content["params"] = dict(problem.params)
    headers = {"Content-Language": language, "Vary": "Accept-Language", **(problem.headers or {})}
    body = json.dumps(content, ensure_ascii=False, separators=(",", ":"), default=str)
    return Response(body.encode(errors="replace"), problem.status, headers, media_type=MEDIA_TYPE)


def title(code: str, status: int, language: str, service: str, catalogues: Catalogues) -> str:
    """Words for the code, or for its status where the code has none."""
    words = catalogues.text(code, language, service)
    if words is None:
        words = catalogues.text(CODE_OF_STATUS.get(status, "internal"), language, service)
    return words or code


def _entry(finding: Finding) -> dict[str, str]:
    """A finding about the query (pointer begins with ``?``) names a parameter, any other one a place in the body."""
    place = "parameter" if finding.pointer.startswith("?") else "pointer"
    entry = {place: finding.pointer.removeprefix("?"), "code": finding.code}
    if finding.expected:
        entry["expected"] = finding.expected
    return entry
