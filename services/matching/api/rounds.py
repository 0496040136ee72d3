"""Rounds over HTTP."""

from collections.abc import Callable, Mapping
from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from services.matching.api.bodies.rounds import RoundBody, RoundId
from services.matching.api.permissions import HOLD, READ
from services.matching.api.reach import require_pool, require_whole, whole_programmes
from services.matching.api.views.rehearsals import DryRunView, tried_view
from services.matching.api.views.rounds import HeldRoundView, RoundView, held_view, round_view
from services.matching.commands.begin_tandem import require_in_period
from services.matching.commands.hold_round import HeldRound, hold_round
from services.matching.commands.prepare_round import AskedRound, prepare_round
from services.matching.commands.solve_apart import SolverPool
from services.matching.commands.try_round import TryRound, try_round
from services.matching.domain.rounds import Round
from services.matching.queries.rounds import instance_bytes, result_of
from services.matching.store import ROUNDS, known, policies
from shared.kernel.dates import today
from shared.kernel.errors import Finding, Refused, VersionLost
from shared.kernel.ids import new_id
from shared.messaging.freshness import require_fresh
from shared.observability import metrics as names
from shared.observability.metrics import Metrics
from shared.storage.audit import AuditEntry
from shared.storage.newest import newest, place_of
from shared.storage.work import Work
from shared.web.bodies import Page, Slug, View
from shared.web.cursors import Cursor, Limit
from shared.web.desk import Desk, RequestDesk, json_response, needs

CONSENTS = known.CONSENTS_TOPIC

_ALL: Mapping[str, Any] = {}

router = APIRouter(prefix="/v1/cities/{city}/rounds", tags=["rounds"])


@router.post(
    "",
    dependencies=[needs(HOLD)],
    status_code=201,
    response_model=HeldRoundView,
    responses={200: {"model": DryRunView, "description": "What a round would come to; nothing was stored."}},
    summary="Hold a round, or try one",
)
async def hold(body: RoundBody, desk: Desk) -> Response:
    """Proposals are drafts: nothing is begun before a coordinator accepts. Older drafts of the programme expire.

    With `dry_run` nothing is stored: counts, what would come out, and how many more if a rule were soft.
    """
    _require_tried(body)
    day = body.date or today(desk.moment)
    programme = await known.programme(desk.reader, body.programme)
    instead = body.policy.policy(programme.slug) if body.policy else None
    await require_pool(desk, await policies.group_of(desk.reader, programme.slug, day, instead))
    require_in_period(programme, day)
    await require_fresh(desk.store, CONSENTS, "consents-stale")
    solver: SolverPool = desk.extra["solver_pool"]
    if body.dry_run:
        tried = TryRound(programme.slug, day, instead, tuple(sorted(set(body.relax))))
        return json_response(tried_view(tried, await try_round(desk.store, desk.city, solver, tried)), 200, {})
    command = await prepare_round(
        desk.store, desk.city, solver, AskedRound(body.id or new_id("rnd"), programme.slug, day)
    )
    metrics: Metrics = desk.extra["metrics"]
    metrics.observe(names.ROUND_SECONDS, command.result["seconds"], city=desk.city)

    async def held_as_seen(work: Work) -> HeldRound:
        # In there, where a repeat is answered before: the round itself has moved the pool that was seen.
        if body.seen not in (None, command.result["input_sha256"]):
            raise VersionLost("pool-moved")
        return await hold_round(work, command)

    return await desk.commit(held_as_seen, view=lambda held: held_view(desk, held))


@router.get("", dependencies=[needs(READ)], response_model=Page[RoundView], summary="List rounds, newest first")
async def list_rounds(desk: Desk, programme: Slug | None = None, limit: Limit = 50, cursor: Cursor = None) -> Response:
    """Of one programme, or of all that the token reaches as a whole."""
    return await round_page(desk, programme, limit, cursor, lambda row: round_view(desk, row))


@router.get("/{round_id}", dependencies=[needs(READ)], response_model=RoundView, summary="Read a round")
async def read_round(round_id: RoundId, desk: Desk) -> Response:
    """With what it reached and the prices that prove it."""
    held = await own_round(desk, round_id)
    return desk.answer(held, round_view(desk, held, await result_of(desk.reader, held)))


@router.get("/{round_id}/instance", dependencies=[needs(READ)], summary="The matching file that was solved")
async def read_instance(round_id: RoundId, desk: Desk) -> Response:
    """Exactly the file that ``tueroeffner match solve`` reads: the answer is the same again. In the audit, who read."""
    held = await own_round(desk, round_id)
    # It tells who is excluded from whom, of everybody: who has read that can be found out.
    await desk.store.note(desk.city, desk.actor, AuditEntry("instance.read", held.id))
    return Response(await instance_bytes(desk.reader, held), media_type="application/json")


async def own_round(desk: RequestDesk, round_id: str) -> Round:
    """The round, where the token reaches its programme as a whole, and all that shared its pool."""
    held = await ROUNDS.get(desk.reader, round_id)
    await require_pool(desk, held.slugs)
    return held


async def round_page(
    desk: RequestDesk,
    programme: str | None,
    limit: int,
    cursor: str | None,
    view: Callable[[Round], View],
    *,
    only: Mapping[str, Any] = _ALL,
) -> Response:
    """Rounds, newest first: of one programme, or of all that the token reaches as a whole; those of ``only``."""
    reached = sorted(await whole_programmes(desk, desk.permission))
    # Nothing of a pool is shown to whom one of its programmes is not wholly in reach.
    query: dict[str, Any] = {"programme": {"$in": reached}, "programmes": {"$not": {"$elemMatch": {"$nin": reached}}}}
    if programme is not None:
        await require_whole(desk, await known.programme(desk.reader, programme))
        query["$or"] = [{"programme": programme}, {"programmes": programme}]
    after = await desk.after(cursor)
    rows = await newest(desk.reader, ROUNDS, "recorded_at", {**query, **only}, after=after, limit=limit + 1)
    return await desk.page(rows, limit=limit, key=lambda row: place_of(row.recorded_at, row.id), view=view)


def _require_tried(body: RoundBody) -> None:
    if not body.dry_run and (body.policy is not None or body.relax):
        pointer = "/policy" if body.policy is not None else "/relax"
        raise Refused("invalid", (Finding(pointer, "only-in-a-dry-run", "dry_run: true"),))
