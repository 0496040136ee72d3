"""The short way of a hot route: from the front to its endpoint, without FastAPI's routing, dependencies and responses.

The route is an ordinary one of FastAPI, its twin, and its endpoint is the same function. The short way answers what is
plain: a body of the right form, no query. Whatever else arrives goes to the twin, before anything was done.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from pydantic import BaseModel, ValidationError
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope

from shared.web.desk import RequestDesk
from shared.web.exchange import Exchange
from shared.web.permissions import Needed, needed_of

_MARK: Final = "__hot_body__"
_CITY: Final = "{city}"

F = TypeVar("F", bound=Callable[..., Any])


def hot(body: type[BaseModel]) -> Callable[[F], F]:
    """Marks an endpoint ``(body, desk)`` of a POST route below one city as hot; stands beneath the route."""

    def mark(endpoint: F) -> F:
        setattr(endpoint, _MARK, body)
        return endpoint

    return mark


@dataclass(frozen=True, slots=True)
class _Hot:
    route: Any
    needed: Needed
    body: type[BaseModel]
    endpoint: Callable[..., Any]


class ShortWay:
    """The hot routes of an application."""

    def __init__(self, routes: Sequence[_Hot] = ()) -> None:
        self._routes = [(re.compile(_pattern(hot_one.route.path)), hot_one) for hot_one in routes]

    @classmethod
    def of(cls, app: FastAPI) -> "ShortWay":
        """Those whose endpoints are marked."""
        found: list[_Hot] = []
        for route in iter_route_contexts(app.routes):
            endpoint = getattr(route, "endpoint", None)
            body, needed = getattr(endpoint, _MARK, None), needed_of(route)
            if body is not None and needed is not None and endpoint is not None:
                found.append(_Hot(route, needed, body, endpoint))
        return cls(found)

    async def answer(self, scope: Scope, path: str, receive: Receive, exchange: Exchange) -> Response | None:
        """The endpoint's answer; ``None`` where the twin has to give it. Raises what the endpoint raises."""
        if scope["method"] != "POST" or scope["query_string"] or not exchange.raw:
            return None
        for pattern, hot_one in self._routes:
            if pattern.fullmatch(path):
                return await self._run(hot_one, scope, receive, exchange)
        return None

    async def _run(self, hot_one: _Hot, scope: Scope, receive: Receive, exchange: Exchange) -> Response | None:
        scope["route"] = hot_one.route
        request = Request(scope, receive)
        await hot_one.needed(request)
        try:
            body = hot_one.body.model_validate(exchange.content)
        except ValidationError:
            del scope["route"]
            return None
        answer: Response = await hot_one.endpoint(body, RequestDesk(request))
        return answer


def _pattern(template: str) -> str:
    """A city of any form: the front has let pass only one that is served."""
    if template.count("{") != 1 or _CITY not in template:
        raise ValueError(f"{template}: the short way is for routes below one city")
    return re.escape(template).replace(re.escape(_CITY), "[^/:]+")
