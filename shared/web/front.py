"""What every request passes before FastAPI sees it: correlation, language, token, city, size, JSON.

Pure ASGI. The order is 401, 404 for the city, 413, 400; then, in FastAPI, 403 and 422.
"""

import re
import time
from typing import Any, Final

from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.kernel.errors import DomainError
from shared.kernel.ids import is_slug, new_id
from shared.observability import logs
from shared.observability import metrics as names
from shared.observability.metrics import Metrics
from shared.security.claims import TokenRefused
from shared.security.grants import Invisible, grants_in
from shared.security.tokens import TokenVerifier
from shared.storage.mongo import MongoFault
from shared.web.catalogues import Catalogues, choose_language
from shared.web.denials import Denials, is_denial
from shared.web.exchange import Exchange, begin
from shared.web.hot import ShortWay
from shared.web.problems import Problem, WireRefusal, problem_of, render
from shared.web.reading import BATCH_LIMIT, IMPORT_LIMIT, JSON_LIMIT, BodyGate, is_json, parse
from shared.web.served import ServedCities

SECURITY_HEADERS: Final = {
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
}
_SECURITY: Final = tuple((name.lower().encode(), value.encode()) for name, value in SECURITY_HEADERS.items())
_PUBLIC = re.compile(r"^/(docs|openapi\.json|version|metrics|health/[a-z]+|problems/.*)$")
_CITY = re.compile(r"^/v1/cities/([^/:]+)")
_CORRELATION = re.compile(r"^[A-Za-z0-9_.:-]{8,64}$")
_UNMATCHED = "(no route)"

log = logs.get_logger(__name__)


class Front:
    """The outermost layer of a service's application."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        service: str,
        verifier: TokenVerifier,
        cities: ServedCities,
        metrics: Metrics,
        catalogues: Catalogues,
        denials: Denials,
        hot: ShortWay,
    ) -> None:
        self._app = app
        self._service = service
        self._verifier = verifier
        self._cities = cities
        self._metrics = metrics
        self._catalogues = catalogues
        self._denials = denials
        self._hot = hot

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See the module."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        exchange = Exchange(self._service, _correlation(headers), choose_language(headers.get("accept-language", "")))
        begin(scope, exchange)
        answer = _Answer(send, exchange)
        began = time.perf_counter()
        self._metrics.move(names.REQUESTS_RUNNING, 1)
        try:
            await self._answer(scope, receive, answer, exchange, headers)
        except ClientDisconnect:
            # Nobody is left to be answered.
            answer.status = answer.status or 499
        finally:
            self._metrics.move(names.REQUESTS_RUNNING, -1)
            self._measure(scope, exchange, answer.status, time.perf_counter() - began)

    async def _answer(
        self, scope: Scope, receive: Receive, answer: "_Answer", exchange: Exchange, headers: Headers
    ) -> None:
        denied: DomainError | None = None
        try:
            admitted = await self._admit(scope, receive, exchange, headers)
            path = scope["path"].removeprefix(scope.get("root_path", ""))
            short = await self._hot.answer(scope, path, admitted, exchange)
            await (self._app if short is None else short)(scope, admitted, answer.send)
            return
        except DomainError as error:
            problem = problem_of(error)
            denied = error if is_denial(error) else None
        except MongoFault as fault:
            log.warning("storage-away", error=type(fault).__name__, correlation=exchange.correlation)
            problem = Problem(503, "storage-away", headers={"Retry-After": "1"})
        except ClientDisconnect:
            raise
        except Exception:  # the web's edge: whatever it is, the caller gets a problem and the log its place
            log.exception("request-failed", correlation=exchange.correlation)
            problem = Problem(500, "internal")
        if not answer.status:
            response: Response = render(problem, exchange, self._catalogues)
            await response(scope, receive, answer.send)
        if denied is not None:
            await self._denials.note(exchange, denied)

    async def _admit(self, scope: Scope, receive: Receive, exchange: Exchange, headers: Headers) -> Receive:
        path = scope["path"].removeprefix(scope.get("root_path", ""))
        if _PUBLIC.match(path):
            return receive
        exchange.principal = self._principal(headers, exchange)
        found = _CITY.match(path)
        if found is not None:
            await self._enter(found.group(1), exchange)
        if scope["method"] in ("GET", "HEAD", "OPTIONS"):
            return receive
        return await _read(path, receive, exchange, headers)

    def _principal(self, headers: Headers, exchange: Exchange) -> Any:
        kind, _, token = headers.get("authorization", "").partition(" ")
        try:
            if kind.lower() != "bearer" or not token:
                raise WireRefusal(401, "token-missing", WWW_Authenticate="Bearer")
            return self._verifier.verify(token.strip())
        except TokenRefused as refusal:
            self._metrics.count(names.TOKENS_REFUSED, code=refusal.code)
            log.info("token-refused", code=refusal.code, correlation=exchange.correlation)
            raise WireRefusal(401, refusal.code, WWW_Authenticate='Bearer error="invalid_token"') from refusal

    async def _enter(self, city: str, exchange: Exchange) -> None:
        """Grants first: for whoever has none there, a city that is served costs no more than one that is not."""
        if is_slug(city):
            exchange.named_city = city
        if exchange.principal is None or not grants_in(exchange.principal, city):
            raise Invisible("not-found")
        if not is_slug(city) or not await self._cities.serves(city):
            raise Invisible("not-found")
        exchange.city = city

    def _measure(self, scope: Scope, exchange: Exchange, status: int, seconds: float) -> None:
        template = getattr(scope.get("route"), "path", _UNMATCHED)
        labels = {"method": scope["method"], "route": template, "status": f"{status // 100}xx"}
        # A city that is not served has no label: whoever asks for invented ones would make a series of each.
        labels["city"] = exchange.city or ""
        if labels["method"] not in ("GET", "HEAD", "POST", "PATCH", "PUT", "DELETE", "OPTIONS"):
            labels["method"] = "other"
        self._metrics.count(names.REQUESTS, **labels)
        self._metrics.observe(names.REQUEST_SECONDS, seconds, **labels)


class _Answer:
    """Adds the headers that every answer has, and remembers the status."""

    def __init__(self, send: Send, exchange: Exchange) -> None:
        self._send = send
        self._exchange = exchange
        self.status = 0

    async def send(self, message: Message) -> None:
        """See ASGI."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            own = {name.lower().encode(): value.encode() for name, value in self._exchange.headers.items()}
            own[b"x-correlation-id"] = self._exchange.correlation.encode()
            given = [pair for pair in message["headers"] if pair[0] not in own]
            there = {name for name, _ in given} | own.keys()
            message["headers"] = [*given, *(pair for pair in _SECURITY if pair[0] not in there), *own.items()]
        await self._send(message)


def _correlation(headers: Headers) -> str:
    given = headers.get("x-correlation-id", "")
    return given if _CORRELATION.fullmatch(given) else new_id("cor")


async def _read(path: str, receive: Receive, exchange: Exchange, headers: Headers) -> Receive:
    limit = BATCH_LIMIT if path.endswith(":batch") else IMPORT_LIMIT if path.endswith("/imports") else JSON_LIMIT
    exchange.raw = await BodyGate(receive, headers.get("content-length"), limit).everything()
    if exchange.raw:
        if not is_json(headers.get("content-type", "")):
            raise WireRefusal(415, "media-type")
        exchange.content = parse(exchange.raw)
    sent = False

    async def again() -> Message:
        nonlocal sent
        if sent:
            return await receive()
        sent = True
        return {"type": "http.request", "body": exchange.raw, "more_body": False}

    return again
