"""What the stories of matching have in common: rounds that know everybody, acts on what came of them, and why not."""

from collections.abc import Callable, Iterable
from typing import Any, Final

from deploy.demo.client import Caller
from shared.testing.waiting import eventually
from tests.end_to_end.town import Family, Guest, Json, Mentor, Town

Pair = tuple[str, str]
Outcome = tuple[set[Pair], set[str], set[str], set[str]]
SOON: Final = 40.0
"""Seconds until everybody who was registered must be known in matching."""
_NOT_YET: Final = (404, 409, 503)


def pair(helper: Mentor, helped: Family | Guest) -> Pair:
    """The two as proposals and tandems name them."""
    return helper.engagement, helped.participation


async def held_round(
    town: Town,
    pairs: Iterable[Pair],
    *,
    waiting: Iterable[Family | Guest] = (),
    silent: Iterable[Family | Guest] = (),
    unavailable: Iterable[Mentor] = (),
    also: Callable[[Json], bool] = bool,
) -> Json:
    """A round of today, as soon as everybody has arrived: it proposes exactly these pairs, and exactly these wait.

    ``silent`` wait too, for they have not agreed; ``unavailable`` are those who can be proposed to nobody. ``also`` is
    what else must hold of a round that knows all.
    """
    agreed, unasked = ({one.participation for one in those} for those in (waiting, silent))
    expected = set(pairs), agreed, unasked, {one.engagement for one in unavailable}

    found: Json = {}

    async def once() -> Outcome | None:
        answer = await town.call("matching", "POST", "rounds", {"programme": town.programme}, refused=_NOT_YET)
        found.clear()
        found.update(answer.json)
        return outcome(found) if answer.status == 201 else None

    await eventually(once, until=lambda seen: seen == expected and also(found), within=SOON)
    certificate = found["certificate"]
    assert (certificate["violations"], certificate["dual_gap"]) == (0, 0)
    return found


def outcome(held: Json) -> Outcome:
    """Who is proposed to whom; who waits, with consent and without it; and who can be proposed to nobody."""
    pairs = {(one["engagement"], one["participation"]) for one in held["proposals"]}
    unasked = {one["id"] for one in held["waiting"] if any(reason["rule"] == "consent" for reason in one["reasons"])}
    agreed = {one["id"] for one in held["waiting"]} - unasked
    return pairs, agreed, unasked, {one["engagement"] for one in held["unavailable"]}


def proposal_of(held: Json, helper: Mentor, helped: Family | Guest) -> Json:
    """The proposal of these two."""
    (found,) = [one for one in held["proposals"] if (one["engagement"], one["participation"]) == pair(helper, helped)]
    return dict(found)


def reasons_of(held: Json, helped: Family | Guest) -> dict[str, int]:
    """Why somebody waits: how many mentors fail at which rule first."""
    (found,) = [one for one in held["waiting"] if one["id"] == helped.participation]
    return {one["rule"]: one["mentors"] for one in found["reasons"]}


async def act(town: Town, path: str, verb: str, body: Any = None, version: int | None = None) -> Json:
    """An act of the coordinator, which is allowed."""
    found: Json = (await town.call("matching", "POST", f"{path}:{verb}", body, version=version)).json
    return found


async def by_hand(town: Town, helper: Mentor, helped: Family | Guest, day: str) -> Any:
    """The answer to the coordinator who would pair the two herself, which is not allowed."""
    body = {"engagement": helper.engagement, "participation": helped.participation, "date": day}
    return await town.call("matching", "POST", "tandems", body, refused=(409, 422))


async def why_not(
    town: Town, helper: Mentor, helped: Family | Guest, *, caller: Caller | None = None, **params: str
) -> Json:
    """What is answered to: why not she for them?"""
    asked = {"engagement": helper.engagement, "participation": helped.participation, **params}
    found: Json = await town.get("matching", "why-not", caller=caller, **asked)
    return found
