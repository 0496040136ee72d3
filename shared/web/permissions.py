"""Permissions of routes: declared with ``needs``, checked before the body is validated, demanded of every route."""

from typing import Any

from fastapi import Depends, FastAPI
from fastapi.routing import RouteContext, iter_route_contexts
from starlette.requests import Request

from shared.security.grants import Permission, authorise
from shared.web.exchange import exchange_of
from shared.web.parameters import refuse_unknown_parameters
from shared.web.problems import WireRefusal

PUBLIC = frozenset({"/docs", "/openapi.json", "/version", "/metrics", "/problems/{service}/{code}"}) | {
    f"/health/{name}" for name in ("startup", "live", "serving", "ready")
}

CHANGING = frozenset({"PATCH", "PUT", "DELETE"})


class RouteWithoutPermission(RuntimeError):
    """A route that nobody said who may use; the service does not start."""


class Needed:
    """Checks role and city of the caller, then the names of the parameters, on every route that is not public.

    The thing itself is checked by the desk when it is loaded.
    """

    def __init__(self, permission: Permission, *, if_match: bool = False, may_match: bool = False) -> None:
        self.permission = permission
        self.if_match = if_match
        self.may_match = may_match

    async def __call__(self, request: Request) -> None:
        """Raises ``Forbidden`` or ``Invisible``, ``Refused`` for a parameter that the route does not know."""
        exchange = exchange_of(request.scope)
        if exchange.principal is None:
            raise WireRefusal(401, "token-refused")
        exchange.permission = self.permission
        exchange.versioned = self.if_match or request.method in CHANGING
        exchange.conditional = self.may_match
        exchange.role = authorise(exchange.principal, self.permission, exchange.city)
        refuse_unknown_parameters(request)


def needs(permission: Permission, *, if_match: bool = False, may_match: bool = False) -> Any:
    """For ``@router.post("", dependencies=[needs(REGISTER)])``.

    ``if_match`` is for acts that change the version that the caller saw; PATCH, PUT and DELETE always do. ``may_match``
    is for acts whose own rule says when they may happen: they take the version where the caller names it.
    """
    return Depends(Needed(permission, if_match=if_match, may_match=may_match))


def needed_of(route: RouteContext) -> Needed | None:
    """What a route needs; ``None`` also for what is no operation, such as a mounted application."""
    dependant = getattr(route, "dependant", None)
    for dependency in dependant.dependencies if dependant is not None else ():
        if isinstance(dependency.call, Needed):
            return dependency.call
    return None


def demand_permissions(app: FastAPI) -> None:
    """Raises ``RouteWithoutPermission`` naming every route that declares none and is not public.

    Whatever kind of route it is, and however deep its router is included: unknown means refused.
    """
    bare = [
        str(route.path)
        for route in iter_route_contexts(app.routes)
        if route.path not in PUBLIC and needed_of(route) is None
    ]
    if bare:
        raise RouteWithoutPermission(f"no permission is declared for {', '.join(sorted(bare))}")
