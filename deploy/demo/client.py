"""The demo's HTTP client: each call in the weakest role that may make it, polite while something has not arrived."""

import asyncio
import time
from collections import Counter
from collections.abc import Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Final, Self, TypeVar

import httpx

from shared.security.local_issuer import LocalIssuer
from shared.security.principals import ASSOCIATION, AUDITOR, CITY, COORDINATOR, MENTOR, Grant

AT_ONCE: Final = 8
PATIENCE: Final = 40.0
"""Seconds for which a call is repeated while what it needs has not arrived."""
RENEW_AFTER: Final = 600.0
_IDLE: Final = 2.0
"""Seconds after which an idle connection is left: well before uvicorn closes it, after 5, perhaps under a request."""
POLITE: Final = frozenset({"not-yet-known", "in-progress"})

T = TypeVar("T")


class UnexpectedAnswerError(RuntimeError):
    """A service answered otherwise than the story needs; the message has no names in it."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls: one role in one city, limited as far as the story allows. ``person`` is a mentor's own id."""

    role: str
    city: str | None = None
    programme: str | None = None
    site: str | None = None
    carrier: str | None = None
    person: str | None = None

    @property
    def subject(self) -> str:
        """A name for the token: the same for the same caller, so that she sees what she has registered."""
        return self.person or "/".join(part for part in (self.role, self.city, self.programme, self.site) if part)

    @property
    def grant(self) -> Grant:
        """What the token allows."""
        programmes = frozenset({self.programme} if self.programme else ())
        return Grant(self.role, self.city, self.carrier, programmes, frozenset({self.site} if self.site else ()))


def association() -> Caller:
    """The association's office: opens cities, nothing else."""
    return Caller(ASSOCIATION)


def city_office(city: str) -> Caller:
    """A city's office: provides places and programmes."""
    return Caller(CITY, city)


def coordinator(city: str, programme: str) -> Caller:
    """The coordinator of one programme."""
    return Caller(COORDINATOR, city, programme)


def auditor(city: str, programme: str) -> Caller:
    """Whoever examines one programme: reads figures and sealed reports."""
    return Caller(AUDITOR, city, programme)


def mentor(city: str, person: str) -> Caller:
    """A mentor or volunteer with her phone."""
    return Caller(MENTOR, city, person=person)


@dataclass(frozen=True, slots=True)
class Answer:
    """A service's answer."""

    status: int
    content: bytes
    headers: Mapping[str, str]
    json: Any = None

    @property
    def code(self) -> str:
        """The code of a refusal, empty for anything else."""
        return str(self.json.get("code", "")) if self.status >= 400 and isinstance(self.json, dict) else ""


@dataclass(slots=True)
class Client:
    """Calls services by name; used as an asynchronous context. ``calls`` counts by role, ``waited`` polite repeats."""

    urls: Mapping[str, str]
    issuer: LocalIssuer
    transport: httpx.AsyncBaseTransport | None = None
    patience: float = PATIENCE
    calls: Counter[str] = field(default_factory=Counter)
    waited: int = 0
    _tokens: dict[Caller, tuple[float, str]] = field(default_factory=dict)
    _http: httpx.AsyncClient = field(init=False)
    _places: asyncio.Semaphore = field(init=False)

    async def __aenter__(self) -> Self:
        limits = httpx.Limits(max_connections=AT_ONCE * 4, keepalive_expiry=_IDLE)
        self._http = httpx.AsyncClient(transport=self.transport, timeout=30.0, limits=limits)
        self._places = asyncio.Semaphore(AT_ONCE)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.aclose()

    async def get(self, caller: Caller, service: str, path: str, **params: str) -> Any:
        """The JSON of a resource."""
        return (await self.call(caller, service, "GET", path, params=params)).json

    async def post(self, caller: Caller, service: str, path: str, body: Any = None) -> Any:
        """The JSON that a POST is answered with."""
        return (await self.call(caller, service, "POST", path, body)).json

    async def call(
        self,
        caller: Caller,
        service: str,
        method: str,
        path: str,
        body: Any = None,
        *,
        params: Mapping[str, str] | None = None,
        version: int | None = None,
        refused: Sequence[int] = (),
    ) -> Answer:
        """An answer below 400, or one whose status is among ``refused``.

        ``path`` follows ``/v1/``; ``version`` is the one that is to be changed. Repeats
        after the time that the service asks for while something has not arrived or
        is not certain. Raises ``UnexpectedAnswerError``.
        """
        deadline = time.monotonic() + self.patience
        headers = {} if version is None else {"If-Match": f'"{version}"'}
        while True:
            asked = self._http.build_request(
                method, f"{self.urls[service]}/v1/{path}", json=body, params=params, headers=headers
            )
            answer = await self._once(caller, asked)
            if answer.status < 400 or (answer.status in refused and answer.code not in POLITE):
                return answer
            if not _may_change(answer) or time.monotonic() > deadline:
                raise UnexpectedAnswerError(f"{service}: {method} {_shown(path)}: {answer.status} {_reason(answer)}")
            self.waited += 1
            await asyncio.sleep(float(answer.headers.get("retry-after", "1")))

    async def _once(self, caller: Caller, asked: httpx.Request) -> Answer:
        asked.headers.update({"Authorization": f"Bearer {self._token(caller)}", "Accept-Language": "en"})
        async with self._places:
            self.calls[caller.role] += 1
            got = await self._http.send(asked)
        is_json = "json" in got.headers.get("content-type", "")
        return Answer(got.status_code, got.content, got.headers, got.json() if is_json and got.content else None)

    def _token(self, caller: Caller) -> str:
        made, token = self._tokens.get(caller, (0.0, ""))
        if not token or time.monotonic() - made > RENEW_AFTER:
            made, token = time.monotonic(), self.issuer.issue(caller.subject, [caller.grant], caller.person)
            self._tokens[caller] = (made, token)
        return token


async def together(work: Sequence[Coroutine[Any, Any, T]]) -> list[T]:
    """The results in order; all run at once, and the first fault ends the others and is raised by itself."""
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(one) for one in work]
    except BaseExceptionGroup as faults:
        raise faults.exceptions[0] from None
    return [task.result() for task in tasks]


def _may_change(answer: Answer) -> bool:
    return answer.status == 503 or (answer.status == 409 and answer.code in POLITE)


def _reason(answer: Answer) -> str:
    errors = answer.json.get("errors") if isinstance(answer.json, dict) else None
    return f"{answer.code} {errors or ''}".strip()


def _shown(path: str) -> str:
    return path.split("?", maxsplit=1)[0]
