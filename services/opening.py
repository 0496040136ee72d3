"""Opens a city over registry's HTTP API, and waits until every service serves it."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import httpx

from services.watching import look
from shared.kernel.canonical import content_hash

_EVERY: Final = 0.5
_ANSWERS: Final = 15.0
_PATIENT: Final = frozenset({502, 503, 504})


class NotOpened(Exception):
    """Registry refused, or ``away``: it did not answer. The text is for whoever typed the command."""

    def __init__(self, text: str, *, away: bool = False) -> None:
        super().__init__(text)
        self.away = away


@dataclass(frozen=True, slots=True)
class Opened:
    """``new`` where it was not open before; ``served_by`` are all services, unless the time was up before."""

    new: bool
    served_by: frozenset[str]


async def open_city(
    addresses: Mapping[str, str],
    token: str,
    body: Mapping[str, Any],
    *,
    within: float,
    told: Callable[[frozenset[str]], None],
    transport: httpx.AsyncBaseTransport | None = None,
) -> Opened:
    """Opens the city of ``body`` and waits ``within`` seconds; ``told`` hears who serves it so far.

    A city that is open already is no fault where it is called the same. Raises ``NotOpened``.
    """
    async with httpx.AsyncClient(timeout=_ANSWERS, transport=transport) as http:
        new = await _post(http, addresses["registry"], token, body)
    slug, served_by = str(body["slug"]), frozenset[str]()
    try:
        async with asyncio.timeout(within):
            while True:
                seen = await look(addresses, transport)
                served_by = frozenset(one.service for one in seen if slug in one.cities)
                told(served_by)
                if served_by == addresses.keys():
                    break
                await asyncio.sleep(_EVERY)
    except TimeoutError:
        # Who does not serve it is the answer.
        pass
    return Opened(new, served_by)


async def _post(http: httpx.AsyncClient, registry: str, token: str, body: Mapping[str, Any]) -> bool:
    """Whether it was opened by this call; false where it was open already, as ``body`` says."""
    # The same file again is the same request: an interrupted command may be typed once more.
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": content_hash(dict(body))[:64]}
    try:
        answer = await http.post(f"{registry}/v1/cities", json=dict(body), headers=headers)
        if answer.status_code == httpx.codes.CONFLICT and _code(answer) == "already-exists":
            there = await http.get(f"{registry}/v1/cities/{body['slug']}", headers=headers)
            if there.is_success and there.json().get("name") == body.get("name"):
                return False
            raise NotOpened(f"{body['slug']}: is open already, under another name")
    except (httpx.HTTPError, ValueError) as fault:
        raise NotOpened(f"registry: {type(fault).__name__}", away=True) from fault
    if answer.status_code in _PATIENT:
        raise NotOpened(f"registry: {answer.status_code} {_code(answer)}".rstrip(), away=True)
    if not answer.is_success:
        raise NotOpened(_refusal(answer))
    return "idempotent-replayed" not in answer.headers


def _code(answer: httpx.Response) -> str:
    found = answer.json() if "json" in answer.headers.get("content-type", "") else {}
    return str(found.get("code", "")) if isinstance(found, dict) else ""


def _refusal(answer: httpx.Response) -> str:
    """The problem's code and where in the file it is; one line each."""
    lines = [f"registry refuses: {answer.status_code} {_code(answer)}".rstrip()]
    found = answer.json() if "json" in answer.headers.get("content-type", "") else {}
    for error in found.get("errors", []) if isinstance(found, dict) else []:
        lines.append(f"  {error.get('pointer', '')}: {error.get('code', '')}")
    return "\n".join(lines)
