"""How operations ask a process: has it started, does it live, does it serve, is all well, which release, which figures.

Whoever takes processes out of service asks whether one serves. Whether all is well is for people: much of what is not
needs an operator, is the same in every replica, and would take away all of them.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from fastapi import APIRouter
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.responses import JSONResponse, Response

from shared.observability.metrics import Metrics
from shared.storage.mongo import MongoFault

LONGEST_CHECK: Final = 3.0

Check = Callable[[], Awaitable[str | None]]


def health_router(
    *,
    serving: Mapping[str, Check],
    checks: Mapping[str, Check],
    metrics: Metrics,
    started: Callable[[], bool],
    alive: Callable[[], bool],
    release: Mapping[str, Any],
) -> APIRouter:
    """The routes that need no token; a proxy must not show them to the world.

    ``serving`` are the checks without which no request can be answered, ``checks`` all others.
    """
    router = APIRouter(tags=["operations"])

    @router.get("/health/startup", summary="Whether the process has started")
    async def health_startup() -> JSONResponse:
        return _state(started(), {})

    @router.get("/health/live", summary="Whether the process lives; it asks nobody else")
    async def health_live() -> JSONResponse:
        return _state(alive(), {})

    @router.get("/health/serving", summary="Whether the process can answer requests, for those who send it some")
    async def health_serving() -> JSONResponse:
        return await _asked(serving)

    @router.get("/health/ready", summary="Whether all is well, check by check: some of it waits for an operator")
    async def health_ready() -> JSONResponse:
        return await _asked({**serving, **checks})

    @router.get("/version", summary="Which release this is")
    async def show_version() -> Mapping[str, Any]:
        return release

    @router.get("/metrics", summary="The figures of this process, for Prometheus")
    async def show_metrics() -> Response:
        return Response(generate_latest(metrics.registry), media_type=CONTENT_TYPE_LATEST)

    return router


async def _asked(checks: Mapping[str, Check]) -> JSONResponse:
    # Side by side: while MongoDB is away each of them takes its whole time.
    wrongs = await asyncio.gather(*(_ask(check) for check in checks.values()))
    found = dict(zip(checks, wrongs, strict=True))
    return _state(not any(found.values()), {name: wrong or "ok" for name, wrong in found.items()})


async def _ask(check: Check) -> str | None:
    """What is wrong. A check that cannot ask is a finding of its own and hides no other one's."""
    try:
        async with asyncio.timeout(LONGEST_CHECK):
            return await check()
    except TimeoutError:
        return "no answer in time"
    except (MongoFault, OSError) as fault:
        return f"cannot be asked: {type(fault).__name__}"


def _state(fine: bool, checks: Mapping[str, str]) -> JSONResponse:
    return JSONResponse({"status": "ok" if fine else "failing", "checks": checks}, 200 if fine else 503)
