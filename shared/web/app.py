"""Builds a service's application: its routers behind the front, problems for every refusal, OpenAPI that tells all."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.background import BackgroundTask
from starlette.exceptions import HTTPException
from starlette.middleware.errors import ServerErrorMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from shared.kernel.errors import DomainError, Refused
from shared.observability.metrics import Metrics
from shared.security.tokens import TokenVerifier
from shared.storage.store import Store
from shared.web.catalogues import Catalogues, shared_catalogues
from shared.web.denials import Denials, is_denial
from shared.web.docs import docs_router
from shared.web.exchange import exchange_of
from shared.web.findings import findings_of
from shared.web.front import Front
from shared.web.health import Check, health_router
from shared.web.hot import ShortWay
from shared.web.openapi import describe
from shared.web.permissions import demand_permissions
from shared.web.problems import CODE_OF_STATUS, Problem, WireRefusal, problem_of, render
from shared.web.served import ServedCities


class Application(FastAPI):
    """FastAPI's application behind the front.

    The front answers every fault itself: nothing of FastAPI's needs to stand before it, and hot routes pass none of it.
    """

    _outermost: ASGIApp | None = None

    def set_front(self, build: Callable[[ASGIApp], ASGIApp]) -> None:
        """Puts a layer before everything that is there; ``build`` is given what the layer calls."""
        self._outermost = build(self._outermost or super().__call__)

    def build_middleware_stack(self) -> ASGIApp:
        """See Starlette, whose outermost layer would answer faults before the front sees them."""
        stack = super().build_middleware_stack()
        return stack.app if isinstance(stack, ServerErrorMiddleware) else stack

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI; the scope is as FastAPI would have it."""
        scope["app"] = self
        if self.root_path:
            scope["root_path"] = self.root_path
        await (self._outermost or super().__call__)(scope, receive, send)


def create_app(
    *,
    name: str,
    title: str,
    routers: Sequence[APIRouter],
    store: Store,
    verifier: TokenVerifier,
    metrics: Metrics,
    serving: Mapping[str, Check],
    checks: Mapping[str, Check],
    extra: Mapping[str, Any],
    version: str,
    commit: str,
    started: Callable[[], bool],
    alive: Callable[[], bool],
    env: str = "production",
    root_path: str = "",
    words: Path | None = None,
    lifespan: Any = None,
) -> Application:
    """The application. Raises ``RouteWithoutPermission`` where a route does not say who may use it.

    ``words`` is the folder of the service's own catalogues of problem titles.
    """
    catalogues = shared_catalogues()
    if words is not None:
        catalogues.register(name, words)
    app = Application(
        title=f"Türöffner: {title}",
        version=version,
        docs_url=None,
        redoc_url=None,
        root_path=root_path,
        lifespan=lifespan,
        generate_unique_id_function=_operation_id,
    )
    app.state.store, app.state.extra, app.state.metrics = store, extra, metrics
    release = {"service": name, "version": version, "commit": commit, "env": env}
    operations = health_router(
        serving=serving, checks=checks, metrics=metrics, started=started, alive=alive, release=release
    )
    for router in [*routers, operations, docs_router(app, name, catalogues)]:
        app.include_router(router)
    demand_permissions(app)
    describe(app)
    cities = ServedCities(store.is_served)
    denials = Denials(store, metrics, cities)
    _Refusals(denials, catalogues).attach(app)
    front = partial(
        Front,
        service=name,
        verifier=verifier,
        cities=cities,
        metrics=metrics,
        catalogues=catalogues,
        denials=denials,
        hot=ShortWay.of(app),
    )
    app.set_front(front)
    return app


class _Refusals:
    """Turns what an endpoint raises into problems; a denial is counted and written into the audit."""

    def __init__(self, denials: Denials, catalogues: Catalogues) -> None:
        self._denials = denials
        self._catalogues = catalogues

    def attach(self, app: FastAPI) -> None:
        """Registers the handlers."""
        handlers: dict[type[Exception], Callable[[Request, Any], Awaitable[Response]]] = {
            DomainError: self.refused,
            RequestValidationError: self.invalid,
            HTTPException: self.http,
        }
        for kind, handler in handlers.items():
            app.add_exception_handler(kind, handler)

    async def refused(self, request: Request, error: DomainError) -> Response:
        """A refusal of the business."""
        response = self._render(request, problem_of(error))
        if is_denial(error):
            response.background = BackgroundTask(self._denials.note, exchange_of(request.scope), error)
        return response

    async def invalid(self, request: Request, error: RequestValidationError) -> Response:
        """A request that is not of its form: a malformed id in the path is as if it were not there."""
        errors = error.errors()
        if any(entry["loc"] and entry["loc"][0] == "path" for entry in errors):
            return self._render(request, problem_of(WireRefusal(404, "not-found")))
        content = exchange_of(request.scope).content
        return self._render(request, problem_of(Refused("invalid", findings_of(errors, content))))

    async def http(self, request: Request, error: HTTPException) -> Response:
        """What routing refuses: an unknown path, another method."""
        code = CODE_OF_STATUS.get(error.status_code, "bad-request")
        return self._render(request, Problem(error.status_code, code, headers=dict(error.headers or {})))

    def _render(self, request: Request, problem: Problem) -> Response:
        return render(problem, exchange_of(request.scope), self._catalogues)


def _operation_id(route: APIRoute) -> str:
    return route.name
