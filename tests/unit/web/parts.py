"""A small service over a store in memory: a shelf of boxes, with every kind of route."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Annotated, Any

import httpx
from fastapi import APIRouter
from starlette.responses import Response

from shared.kernel.errors import Conflict, NotFound, Refused, Unavailable, VersionLost
from shared.kernel.ids import new_id
from shared.observability.metrics import Metrics
from shared.security.grants import permission
from shared.security.principals import ASSOCIATION, AUDITOR, CITY, COORDINATOR, Actor, Grant
from shared.storage.audit import AuditEntry
from shared.storage.mongo import MongoFault
from shared.storage.work import Once, Replayed
from shared.testing.tokens import TestTokens
from shared.web.app import create_app
from shared.web.bodies import Body, Day, Name, Page, Slug, View, id_of
from shared.web.cursors import Cursor, Limit
from shared.web.desk import Desk, RequestDesk, needs

OPEN = permission("cities.open", ASSOCIATION)
KEEP = permission("boxes.keep", COORDINATOR, CITY)
READ = permission("boxes.read", COORDINATOR, CITY, AUDITOR)
BoxId = Annotated[str, id_of("box")]


@dataclass(frozen=True, slots=True)
class Box:
    """What is kept."""

    id: str
    label: str
    carrier: str = "verein-a"
    version: int = 1


@dataclass(slots=True)
class MemoryWork:
    """A unit of work that only remembers."""

    answer: tuple[int, str, int] = (0, "", 0)

    def remember(self, status: int, resource: str, version: int) -> None:
        """See ``Work``."""
        self.answer = (status, resource, version)


@dataclass(slots=True)
class MemoryStore:
    """What the HTTP floor asks of a store."""

    boxes: dict[str, Box] = field(default_factory=dict)
    records: dict[str, tuple[str, tuple[int, str, int]]] = field(default_factory=dict)
    notes: list[tuple[str, Actor, AuditEntry]] = field(default_factory=list)
    served: set[str] = field(default_factory=lambda: {"rostock", "schwerin"})
    asked: list[str] = field(default_factory=list)
    runs: int = 0
    away: bool = False

    def clock(self) -> datetime:
        """Now."""
        return datetime(2026, 3, 1, 12, 0, tzinfo=UTC)

    async def is_served(self, city: str) -> bool:
        """Two cities are served, if nobody changes that."""
        self.asked.append(city)
        return city in self.served

    async def city_key(self, city: str, use: str) -> bytes:
        """A key a city and use."""
        return f"{city}/{use}".encode().ljust(32, b".")

    async def note(self, city: str, actor: Actor, *entries: AuditEntry) -> None:
        """Keeps what was noted."""
        if self.away:
            raise MongoFault("away")
        self.notes.extend((city, actor, entry) for entry in entries)

    async def transact(
        self, city: str, actor: Actor, body: Callable[[Any], Awaitable[Any]], once: Once | None = None
    ) -> Any:
        """As ``Store.transact``, without a database."""
        if self.away:
            raise MongoFault("away")
        if once is not None and once.record in self.records:
            mac, answer = self.records[once.record]
            if mac != once.mac:
                raise Refused("idempotency-key-reused")
            raise Replayed(*answer)
        self.runs += 1
        work = MemoryWork()
        result = await body(work)
        if once is not None:
            self.records[once.record] = (once.mac, work.answer)
        return result


class BoxBody(Body):
    """A new box."""

    label: Name
    site: Slug | None = None
    made: Day | None = None
    count: int = 1


class BoxView(View):
    """A box as it is shown."""

    label: str


def box_view(desk: RequestDesk) -> Callable[[Box], BoxView]:
    def view(box: Box) -> BoxView:
        actions = ["relabel"] if desk.may(KEEP, carrier=box.carrier) else []
        return BoxView(id=box.id, version=box.version, label=box.label, actions=actions)

    return view


cities = APIRouter(prefix="/v1/cities", tags=["cities"])
router = APIRouter(prefix="/v1/cities/{city}/boxes", tags=["boxes"])


@cities.post("", dependencies=[needs(OPEN)], status_code=201)
async def open_city(body: BoxBody, desk: Desk) -> Response:
    async def run(_: Any) -> Box:
        return Box("schwerin", body.label)

    return await desk.commit(run, view=box_view(desk), city="schwerin")


@router.post("", dependencies=[needs(KEEP)], status_code=201, response_model=BoxView)
async def keep_box(body: BoxBody, desk: Desk) -> Response:
    store: Any = desk.store

    async def run(_: Any) -> Box:
        if body.label == "taken":
            raise Conflict("already-exists")
        box = Box(new_id("box"), body.label)
        store.boxes[box.id] = box
        return box

    return await desk.commit(run, view=box_view(desk))


@router.post("/items:batch", dependencies=[needs(KEEP)])
async def keep_many(entries: list[dict[str, Any]], desk: Desk) -> dict[str, int]:
    return {"count": len(desk.content) + len(entries)}


@router.get("", dependencies=[needs(READ)], response_model=Page[BoxView])
async def list_boxes(desk: Desk, label: str | None = None, limit: Limit = 50, cursor: Cursor = None) -> Response:
    after = await desk.after(cursor) or ""
    store: Any = desk.store
    rows = [box for key, box in sorted(store.boxes.items()) if key > after and label in (None, box.label)]
    return await desk.page(rows[: limit + 1], limit=limit, key=lambda box: box.id, view=box_view(desk))


@router.get("/{box_id}", dependencies=[needs(READ)], response_model=BoxView)
async def show_box(box_id: BoxId, desk: Desk) -> Response:
    box = _found(desk, box_id)
    desk.require(carrier=box.carrier)
    return desk.answer(box, box_view(desk)(box))


@router.patch("/{box_id}", dependencies=[needs(KEEP)], response_model=BoxView)
async def relabel_box(box_id: BoxId, body: BoxBody, desk: Desk) -> Response:
    expected, store = desk.expected_version(), _store(desk)

    async def run(_: Any) -> Box:
        box = _found(desk, box_id)
        _compare(box.version, expected)
        store.boxes[box_id] = replace(box, label=body.label, version=box.version + 1)
        return store.boxes[box_id]

    return await desk.commit(run, view=box_view(desk), status=200)


@router.post("/{box_id}:empty", dependencies=[needs(KEEP, if_match=True)], response_model=BoxView)
async def empty_box(box_id: BoxId, desk: Desk) -> Response:
    box, expected = _found(desk, box_id), desk.expected_version()
    desk.require(carrier=box.carrier)
    _compare(box.version, expected)
    return desk.answer(box, box_view(desk)(box))


@router.post("/{box_id}:forget", dependencies=[needs(KEEP)])
async def forget_box(box_id: BoxId, desk: Desk) -> int:
    return desk.expected_version()  # without saying so in its needs


@router.post("/{box_id}:break", dependencies=[needs(KEEP)])
async def break_box(box_id: str) -> Response:
    if box_id == "stale":
        raise Unavailable("consents-stale")
    raise RuntimeError(f"secret of {box_id}")


def _store(desk: Desk) -> MemoryStore:
    store: Any = desk.store
    assert isinstance(store, MemoryStore)
    return store


def _compare(current: int, expected: int) -> None:
    if current != expected:
        raise VersionLost("version-lost", params={"version": current})


def _found(desk: Desk, box_id: str) -> Box:
    box = _store(desk).boxes.get(box_id)
    if box is None:
        raise NotFound("box-not-found")
    return box


@dataclass(slots=True)
class Shelf:
    """The service, with tokens."""

    store: MemoryStore
    tokens: TestTokens
    metrics: Metrics
    app: Any

    def client(self, role: str = COORDINATOR, city: str = "rostock", **limits: Any) -> httpx.AsyncClient:
        """Somebody with a token."""
        return self.bare({"Authorization": f"Bearer {self.tokens.token(role, city, **limits)}"})

    def two(self, *grants: Grant) -> httpx.AsyncClient:
        """Somebody with several grants."""
        return self.bare({"Authorization": f"Bearer {self.tokens.issuer.issue(new_id('sub'), list(grants))}"})

    def bare(self, headers: dict[str, str] | None = None) -> httpx.AsyncClient:
        """Somebody with just these headers."""
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
        return httpx.AsyncClient(transport=transport, base_url="http://service", headers=headers or {})

    def counted(self, name: str, **labels: str) -> float:
        """A counter's value."""
        return self.metrics.registry.get_sample_value(name, {"service": "shelf", **labels}) or 0.0


def shelf(tokens: TestTokens, routers: tuple[APIRouter, ...] = (cities, router), **options: Any) -> Shelf:
    """The service as the runtime would build it."""
    store, metrics = MemoryStore(), Metrics("shelf")
    settings: dict[str, Any] = {"serving": {}, "checks": {}, "started": lambda: True, "alive": lambda: True, **options}
    built: Any = store
    app = create_app(
        name="shelf",
        title="Regal",
        routers=routers,
        store=built,
        verifier=tokens.verifier(),
        metrics=metrics,
        extra={},
        version="1.2.3",
        commit="abc",
        env="test",
        **settings,
    )
    return Shelf(store, tokens, metrics, app)


def assert_problem(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """The problem that an answer is; it must have this status and code."""
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    content: dict[str, Any] = answer.json()
    assert content["code"] == code
    assert content["type"] == f"/problems/shelf/{code}"
    assert content["status"] == status
    assert content["correlation_id"] == answer.headers["x-correlation-id"]
    return content
