"""A tandem's phases, none of which is counted, and its end with a reason and a side."""

import json
from typing import Any

import pytest
import pytest_asyncio

from shared.contracts.envelope import Envelope
from shared.contracts.matching import TandemV1
from tests.integration.api_parts import Api
from tests.integration.matching.town import DAY, Answer, Town


@pytest_asyncio.fixture(scope="module")
async def town(matching_api: Api) -> Town:
    await matching_api.store.serve_city("phasenstadt")
    return Town(matching_api, "phasenstadt")


def _last(rows: list[dict[str, Any]]) -> dict[str, object]:
    return Envelope.model_validate(json.loads(rows[-1]["value"])).data


async def test_tandem_goes_through_its_phases_and_none_of_them_is_counted(town: Town) -> None:
    draft, mentor, family = await town.drafted("in-phasen")
    tandem = await town.act(f"proposals/{draft['id']}", "accept", {"date": DAY})
    path = f"tandems/{tandem['id']}"
    assert (await town.act(path, "try", {"on": DAY}))["status_code"] == 428
    steps: list[tuple[str, Answer, str]] = [
        ("try", {"on": "2026-01-20"}, "trial"),
        ("pause", {"on": "2026-02-01", "reason": "illness", "until": "2026-03-01"}, "paused"),
        ("resume", {"on": "2026-02-20"}, "trial"),
        ("activate", {"on": "2026-03-17", "signed_on": "2026-03-17"}, "active"),
        ("pause", {"on": "2026-05-01", "reason": "travel"}, "paused"),
        ("resume", {"on": "2026-06-01"}, "active"),
    ]
    for version, (verb, body, phase) in enumerate(steps, start=1):
        lost = await town.act(path, verb, body, version + 1)
        assert (lost["status_code"], lost["params"]) == (412, {"version": version})
        moved = await town.act(path, verb, body, version)
        assert (moved["status_code"], moved["phase"], moved["running"]) == (200, phase, True), moved
        if verb == "try":
            assert moved["review_on"] == "2026-03-17", "eight weeks, where the policy says nothing else"
    wrong = await town.act(path, "try", {"on": "2026-07-01"}, 7)
    assert (wrong["status_code"], wrong["code"], wrong["params"]["needed"]) == (409, "wrong-phase", ["introduction"])
    early = await town.act(path, "pause", {"on": "2026-05-31", "reason": "travel"}, 7)
    assert (early["status_code"], early["errors"][0]["expected"]) == (422, ">= 2026-06-01")
    told = TandemV1.model_validate(_last(await town.told("matching.tandems.v1", tandem["id"])))
    assert (told.phase, told.versions, told.date, told.review_on) == ("active", (), DAY, None)
    assert (await town.pair(mentor, await town.family("in-phasen"))).json()["code"] == "places-full"
    ended = await town.act(path, "end", {"on": "2026-06-30", "reason": "no_contact", "side": "mentor"}, 7)
    assert (ended["phase"], ended["side"], ended["ended_because"]) == ("ended", "mentor", "no_contact")
    told = TandemV1.model_validate(_last(await town.told("matching.tandems.v1", tandem["id"])))
    assert (told.phase, told.side, len(told.versions)) == ("ended", "mentor", 1)
    assert [step["phase"] for step in ended["steps"]] == ["introduction", *(phase for *_, phase in steps)]
    async with town.as_role() as client:
        assert (await client.get(path)).json()["participation"] == family.id


@pytest.mark.parametrize(
    ("reason", "said", "side"),
    [("moved_away", None, "family"), ("mentor_left", None, "mentor"), ("goal_reached", None, "house")],
)
async def test_end_has_a_side_also_where_nobody_names_it(town: Town, reason: str, said: str | None, side: str) -> None:
    slug = await town.programme(f"seite-{reason.replace('_', '-')}")
    tandem = (await town.pair(await town.mentor(slug), await town.family(slug))).json()
    ended = await town.act(f"tandems/{tandem['id']}", "end", {"on": DAY, "reason": reason}, 1)
    assert (ended["status_code"], ended["side"]) == (200, side)
    unknown = await town.act(f"tandems/{tandem['id']}", "end", {"on": DAY, "reason": "because"}, 2)
    assert (unknown["status_code"], unknown["errors"][0]["pointer"]) == (422, "/reason")
