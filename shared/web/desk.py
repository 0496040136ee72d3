"""The desk: what an endpoint works with. It knows who calls, in which city, and how a change is written."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any, Protocol, TypeVar

from fastapi import Depends
from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from shared.kernel.errors import Forbidden
from shared.kernel.sealed import Sealed
from shared.observability import metrics as names
from shared.observability.metrics import Metrics
from shared.security.grants import Invisible, Names, Permission, Scope, Target, authorise, scope_of
from shared.security.principals import Actor, Principal
from shared.storage.store import Store
from shared.storage.work import Once, Reader, Replayed, Work
from shared.web.cursors import filter_hash, read_cursor, write_cursor
from shared.web.etags import etag, expected_version, version_meant
from shared.web.exchange import exchange_of
from shared.web.idempotency import HEADER, once_of, read_key
from shared.web.permissions import needs
from shared.web.problems import WireRefusal

__all__ = ["Desk", "RequestDesk", "needs"]


class Versioned(Protocol):
    """What a change gives back: an aggregate, or anything else with these two."""

    @property
    def id(self) -> str: ...

    @property
    def version(self) -> int: ...


V = TypeVar("V", bound=Versioned)
R = TypeVar("R")
Rendered = Mapping[str, Any] | BaseModel


class RequestDesk:
    """One request's desk."""

    def __init__(self, request: Request) -> None:
        self._request = request
        self._exchange = exchange_of(request.scope)
        self._exchange.template = getattr(request.scope.get("route"), "path", "")
        self.store: Store = request.app.state.store
        self.extra: Mapping[str, Any] = request.app.state.extra
        self._metrics: Metrics = request.app.state.metrics

    @property
    def city(self) -> str:
        """The city of the path."""
        if self._exchange.city is None:
            raise WireRefusal(404, "not-found")
        return self._exchange.city

    @property
    def principal(self) -> Principal:
        """Who calls."""
        if self._exchange.principal is None:
            raise WireRefusal(401, "token-missing")
        return self._exchange.principal

    @property
    def permission(self) -> Permission:
        """What the route needs."""
        if self._exchange.permission is None:
            raise WireRefusal(403, "forbidden")
        return self._exchange.permission

    @property
    def actor(self) -> Actor:
        """Who is written down: the caller, in the weakest role that allows the act."""
        return Actor(self.principal.subject, self._exchange.role, self._exchange.correlation)

    @property
    def role(self) -> str:
        """The weakest role that allows the act."""
        return self._exchange.role

    @property
    def language(self) -> str:
        """``de`` or ``en``."""
        return self._exchange.language

    @property
    def content(self) -> Any:
        """The body as JSON, for routes that judge its parts one by one."""
        return self._exchange.content

    @property
    def moment(self) -> datetime:
        """Now."""
        return self.store.clock()

    @property
    def reader(self) -> Reader:
        """Reads of the city, outside of any transaction."""
        return self.store.reader(self.city)

    def require(
        self,
        *,
        programme: Names = None,
        site: Names = None,
        carrier: Names = None,
        person: Names = None,
        organisation: Names = None,
    ) -> None:
        """Compares a thing with the grants. Raises ``Forbidden``, or ``Invisible`` for another carrier's."""
        self._exchange.role = authorise(
            self.principal,
            self.permission,
            self._exchange.city,
            programme=programme,
            site=site,
            carrier=carrier,
            person=person,
            organisation=organisation,
        )

    def scope(self, permission: Permission | None = None) -> Scope:
        """What a list may show."""
        return scope_of(self.principal, permission or self.permission, self._exchange.city)

    def sees(self, target: Target) -> bool:
        """Whether a thing may be shown to the caller."""
        return self.scope().covers(target)

    def may(
        self,
        permission: Permission,
        *,
        programme: Names = None,
        site: Names = None,
        carrier: Names = None,
        person: Names = None,
        organisation: Names = None,
    ) -> bool:
        """Whether ``require`` would let the caller act on a thing under another permission; for ``actions``."""
        try:
            authorise(
                self.principal,
                permission,
                self._exchange.city,
                programme=programme,
                site=site,
                carrier=carrier,
                person=person,
                organisation=organisation,
            )
        except (Forbidden, Invisible):
            # The answer to a question, and no denial: nothing was attempted.
            return False
        return True

    def expected_version(self) -> int:
        """The version that the caller saw (``If-Match``); 428 without it. OpenAPI tells of it by the route's needs."""
        if not self._exchange.versioned:
            raise RuntimeError("a route that asks for the version seen says needs(…, if_match=True)")
        return expected_version(self._request)

    async def seal(self, subject: str, plain: Mapping[str, Any]) -> Sealed:
        """``plain`` under the subject's key; before the transaction."""
        return await self.store.vault.seal(self.city, subject, plain)

    async def open(self, sealed: Sealed, fields: tuple[str, ...], purpose: str) -> dict[str, Any]:
        """Opens a sealed value for a purpose; the read is in the audit before this returns."""
        actor = replace(self.actor, purpose=purpose)
        return await self.store.open_sealed(self.city, actor, sealed, fields)

    async def commit(
        self,
        body: Callable[[Work], Awaitable[V]],
        *,
        view: Callable[[V], Rendered],
        status: int = 201,
        kind: str = "created",
        city: str | None = None,
    ) -> Response:
        """Runs ``body`` as one unit of work and answers with the view of what it gives, its ETag and its place.

        ``Location`` is sent with 201 of the kind ``created``; ``city`` is for routes whose path has none. A repeat
        under the same ``Idempotency-Key`` is answered with id and version, and runs nothing.
        """
        where = city or self.city
        meant = version_meant(self._request) if self._exchange.conditional else None

        async def run(work: Work) -> V:
            if meant is not None:
                work.demand(*meant)
            done = await body(work)
            work.remember(status, done.id, done.version)
            return done

        async def transact(once: Once | None) -> V:
            return await self.store.transact(where, self.actor, run, once)

        return await self.commit_by(transact, view=view, status=status, kind=kind, city=city)

    async def commit_by(
        self,
        change: Callable[[Once | None], Awaitable[V]],
        *,
        view: Callable[[V], Rendered],
        status: int = 201,
        kind: str = "created",
        city: str | None = None,
    ) -> Response:
        """As ``commit``, where ``change`` runs the unit of work itself and raises ``Replayed`` for a repeat."""
        try:
            done = await change(await self._once(city or self.city))
        except Replayed as repeat:
            self._metrics.count(names.REPLAYS)
            headers = {"ETag": etag(repeat.version), "Idempotent-Replayed": "true"}
            return JSONResponse({"id": repeat.resource, "version": repeat.version}, repeat.status, headers)
        headers = {"ETag": etag(done.version)}
        path = self._request.scope["path"]
        if status == 201 and kind == "created" and ":" not in path.rpartition("/")[2]:
            headers["Location"] = f"{path}/{done.id}"
        return json_response(view(done), status, headers)

    def answer(self, resource: Versioned, view: Rendered) -> Response:
        """One resource with its ETag."""
        return json_response(view, 200, {"ETag": etag(resource.version)})

    async def after(self, cursor: str | None) -> str | None:
        """The key behind which the page begins. Raises 400 for a cursor that is not of this list."""
        if cursor is None:
            return None
        return read_cursor(await self._cursor_key(), self.city, self._asked(), cursor)

    async def page(
        self, rows: Sequence[R], *, limit: int, key: Callable[[R], str], view: Callable[[R], Rendered],
        beside: Mapping[str, Any] | None = None,
    ) -> Response:  # fmt: skip
        """A page of ``limit`` of the rows; ``rows`` has one more where there is a next page.

        ``beside``: what the page tells besides ``items`` and ``next``.
        """
        shown, more = rows[:limit], len(rows) > limit
        following = None
        headers: dict[str, str] = {}
        if more and shown:
            following = write_cursor(await self._cursor_key(), self.city, self._asked(), key(shown[-1]))
            following_url = self._request.url.include_query_params(cursor=following)
            headers["Link"] = f'<{following_url.path}?{following_url.query}>; rel="next"'
        items = [rendered(view(row)) for row in shown]
        return JSONResponse({"items": items, "next": following, **(beside or {})}, 200, headers)

    async def _cursor_key(self) -> bytes:
        return await self.store.city_key(self.city, "cursor")

    def _asked(self) -> str:
        return filter_hash(self._request.url.path, self._request.query_params.multi_items())

    async def _once(self, city: str) -> Once | None:
        key = read_key(self._request.headers.get(HEADER))
        if key is None:
            return None
        secret = await self.store.city_key(city, "idempotency")
        return once_of(self._exchange, self._request.method, self._request.url.path, key, secret)


def rendered(view: Rendered) -> dict[str, Any]:
    """A view as JSON-ready data."""
    if isinstance(view, BaseModel):
        return view.model_dump(mode="json", by_alias=True)
    return dict(view)


def json_response(view: Rendered, status: int, headers: Mapping[str, str]) -> Response:
    """A view as an answer, written in one pass where it is a model."""
    if isinstance(view, BaseModel):
        content = view.model_dump_json(by_alias=True)
        return Response(content, status, dict(headers), media_type="application/json")
    return JSONResponse(dict(view), status, dict(headers))


def open_desk(request: Request) -> RequestDesk:
    """The desk of a request."""
    return RequestDesk(request)


Desk = Annotated[RequestDesk, Depends(open_desk)]
