"""The outermost layer of an application whose requests are traced; it is not there while tracing is off."""

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.observability import tracing
from shared.web.exchange import Exchange, find_exchange


class Traced:
    """A span for each request below ``/v1``, named by its route's template, never by its path."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See the class."""
        path = str(scope.get("path", "")).removeprefix(scope.get("root_path", ""))
        if scope["type"] != "http" or not path.startswith("/v1"):
            await self._app(scope, receive, send)
            return
        status = 0

        async def watch(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        method, parent = scope["method"], Headers(scope=scope).get("traceparent", "")
        with tracing.inside(method, "server", parent, root=True, http__request__method=method) as span:
            await self._app(scope, receive, watch)
            template = getattr(scope.get("route"), "path", "(no route)")
            span.name(f"{method} {template}")
            span.say(http__route=template, http__response__status_code=status, **_city(find_exchange(scope)))


def _city(exchange: Exchange | None) -> dict[str, str]:
    return {} if exchange is None or exchange.city is None else {"city": exchange.city}
