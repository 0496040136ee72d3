"""What waits for a coordinator in matching, and what has changed since she last looked."""

from datetime import date, timedelta
from typing import Any

import pytest_asyncio

from services.matching.domain.changes import last_working_day
from shared.contracts.places import SiteV1
from shared.kernel.clock import write_instant
from shared.kernel.dates import today
from shared.security.principals import COORDINATOR, Grant
from tests.integration.api_parts import Api
from tests.integration.matching.town import DAY, Answer, Town

LONG = "2100-01-01"


@pytest_asyncio.fixture(scope="module")
async def town(matching_api: Api) -> Town:
    await matching_api.store.serve_city("faelligstadt")
    return Town(matching_api, "faelligstadt")


def _in(town: Town, days: int) -> str:
    return (date.fromisoformat(today(town.api.store.clock())) + timedelta(days=days)).isoformat()


def _grant(town: Town, slug: str, **more: Any) -> Grant:
    return Grant(COORDINATOR, town.city, programmes=frozenset({slug}), **more)


async def _due(town: Town, slug: str, language: str = "de", **more: Any) -> list[Answer]:
    async with town.as_grants(_grant(town, slug, **more)) as client:
        answer = await client.get("due", params={"role": "coordinator"}, headers={"Accept-Language": language})
    assert answer.status_code == 200, answer.text
    return list(answer.json()["items"])


async def _changes(town: Town, slug: str, since: str | None, **more: Any) -> list[Answer]:
    params = {} if since is None else {"since": since}
    async with town.as_grants(_grant(town, slug, **more)) as client:
        answer = await client.get("changes", params=params)
    assert answer.status_code == 200, answer.text
    return list(answer.json()["items"])


async def test_proposal_is_due_when_its_time_runs_out_and_at_once_when_both_agree(town: Town) -> None:
    slug = "antwort-fehlt"
    draft, _, _ = await town.drafted(slug)
    path = f"proposals/{draft['id']}"
    await town.act(path, "propose", {"on": _in(town, 0), "expires_on": _in(town, 8)})
    assert await _due(town, slug) == [], "there is time"
    database = town.api.store.mongo.city(town.city)
    told = {"told_on": _in(town, -10), "expires_on": _in(town, 5)}
    await database["proposals"].update_one({"_id": draft["id"]}, {"$set": told})
    (due,) = await _due(town, slug, "en")
    assert (due["kind"], due["subject"], due["due_at"]) == ("proposal-unanswered", draft["id"], _in(town, 5))
    assert due["id"] == f"proposal-unanswered:{draft['id']}"
    assert (due["since"], due["params"]["open"]) == (_in(town, -2), "both")
    assert due["title"].startswith(f"An answer (both) has been missing since {_in(town, -10)}")
    assert due["link"] == f"/v1/cities/{town.city}/proposals/{draft['id']}"
    await town.act(path, "answer", {"side": "family", "answer": "yes"})
    (due,) = await _due(town, slug)
    assert (due["params"]["open"], "(Begleitung)" in due["title"]) == ("mentor", True)
    await town.act(path, "answer", {"side": "mentor", "answer": "yes"})
    (due,) = await _due(town, slug)
    assert (due["kind"], due["due_at"], due["actions"]) == ("proposal-agreed", _in(town, 0), ["accept"])
    await town.act(path, "accept", {"date": DAY})
    assert await _due(town, slug) == []


async def test_trial_is_due_around_the_day_of_its_review(town: Town) -> None:
    slug = "probezeit"
    draft, _, _ = await town.drafted(slug)
    tandem = await town.act(f"proposals/{draft['id']}", "accept", {"date": DAY})
    path = f"tandems/{tandem['id']}"
    await town.act(path, "try", {"on": DAY, "review_on": "2026-02-12"}, 1)
    (due,) = await _due(town, slug)
    assert (due["kind"], due["due_at"], due["since"]) == ("trial-review", "2026-02-12", "2026-02-05")
    assert due["title"] == "Über die Probezeit ist am 12.2.2026 zu sprechen."
    await town.act(path, "activate", {"on": "2026-02-12"}, 2)
    assert await _due(town, slug) == []


async def test_mentor_with_more_tandems_than_places_is_due(town: Town) -> None:
    slug = await town.programme("zu-viele")
    mentor = await town.mentor(slug, capacity=2, clearance_until=LONG)
    for _ in range(2):
        await town.pair(mentor, await town.family(slug))
    assert await _due(town, slug) == []
    await town.tell(mentor.model_copy(update={"capacity": 1, "recorded_at": "2026-02-01T08:00:00.000Z"}))
    (due,) = await _due(town, slug)
    assert (due["kind"], due["subject"], due["due_at"]) == ("tandem-over-capacity", mentor.id, "2026-02-01")
    assert (due["params"], due["title"]) == ({"places": 1, "tandems": 2}, "Laufende Tandems: 2, Plätze: 1.")
    await town.tell(mentor.model_copy(update={"capacity": 2, "stage": "paused"}))
    (due,) = await _due(town, slug)
    assert due["params"] == {"places": 0, "tandems": 2}


async def test_families_that_wait_longer_than_promised_are_due_longest_first(town: Town) -> None:
    slug = await town.programme("versprochen")
    longest = await town.family(slug, waiting_since="2025-10-01")
    long = await town.family(slug, waiting_since="2025-10-15")
    await town.round(slug)
    found = await _due(town, slug)
    assert [(one["kind"], one["subject"]) for one in found] == [
        ("waiting-beyond-promise", longest.id),
        ("waiting-beyond-promise", long.id),
    ]
    assert (found[0]["due_at"], found[0]["params"]["promised"]) == ("2025-12-30", 90)
    async with town.as_grants(_grant(town, slug)) as client:
        first = (await client.get("due", params={"limit": 1})).json()
        second = (await client.get("due", params={"limit": 1, "cursor": first["next"]})).json()
    assert [one["subject"] for page in (first, second) for one in page["items"]] == [longest.id, long.id]
    assert second["next"] is None


async def test_promise_is_kept_also_to_who_came_after_the_last_round_or_was_refused_since(town: Town) -> None:
    slug = await town.programme("ohne-runde")
    new = await town.family(slug, waiting_since="2025-10-02")
    gone = await town.family(slug, waiting_since="2025-10-02", ended_on="2026-01-01", ended_because="moved_away")
    refused = await town.family(slug, waiting_since="2025-09-01")
    silent = await town.family(slug, waiting_since="2025-10-03", consent=False)
    await town.mentor(slug, clearance_until=LONG)
    draft = next(one for one in (await town.round(slug))["proposals"] if one["participation"] == refused.id)
    later = await town.family(slug, waiting_since="2025-10-04")
    await town.act(f"proposals/{draft['id']}", "reject", {"reason": "no_common_time"})
    found = await _due(town, slug)
    assert [one["subject"] for one in found] == [refused.id, new.id, silent.id, later.id]
    assert gone.id not in {one["subject"] for one in found}


async def test_family_whose_draft_nobody_has_decided_about_waits_beyond_the_promise_too(town: Town) -> None:
    slug = await town.programme("entwurf-liegt", sites=["entwurf-liegt-haus", "gegenueber"])
    site: Answer = {"slug": "gegenueber", "name": "Haus", "district": "schmarl"}
    await town.tell(SiteV1.model_validate({**site, "carriers": [{"from": "2025-01-01", "value": "werkhaus"}]}))
    await town.mentor(slug, clearance_until=LONG, sites=[{"from": "2025-10-01", "value": "gegenueber"}])
    family = await town.family(slug, waiting_since="2025-10-01")
    (draft,) = (await town.round(slug))["proposals"]
    (due,) = await _due(town, slug)
    assert (due["kind"], due["subject"], due["due_at"]) == ("waiting-beyond-promise", family.id, "2025-12-30")
    assert due["link"].endswith(f"/proposals/{draft['id']}")
    assert "accept" in due["actions"]
    assert len(await _due(town, slug, carrier="volkshaus")) == 1
    assert await _due(town, slug, carrier="werkhaus") == [], "the mentor's carrier promised this family nothing"
    await town.act(f"proposals/{draft['id']}", "propose", {"on": _in(town, 0)})
    assert await _due(town, slug) == []


async def test_due_and_changes_show_what_the_caller_reaches(town: Town) -> None:
    slug = "nur-eigenes"
    await town.drafted(slug)
    await town.family(slug, waiting_since="2025-10-01", slots=["sun-eve"])
    await town.round(slug)
    since = "2026-01-01T00:00:00.000Z"
    assert len(await _due(town, slug)) == 2
    assert len(await _changes(town, slug, since)) == 1
    assert await _due(town, slug, carrier="werkhaus") == []
    assert await _changes(town, slug, since, carrier="werkhaus") == []
    for role, limits in (("mentor", {"person": "per_00000000000000000000000000"}), ("city", {})):
        async with town.as_role(role, **limits) as client:
            assert [(await client.get(path)).status_code for path in ("due", "changes")] == [403, 403]


async def test_changes_tell_each_act_once_and_an_unchanged_draft_only_when_it_was_new(town: Town) -> None:
    slug = "was-ist-neu"
    draft, _, _ = await town.drafted(slug)
    begin = write_instant(town.api.store.clock())
    await town.round(slug)
    assert await _changes(town, slug, begin) == [], "the same pair again is nothing new"
    path = f"proposals/{draft['id']}"
    await town.act(path, "propose", {})
    await town.act(path, "answer", {"side": "family", "answer": "yes"})
    await town.act(path, "answer", {"side": "mentor", "answer": "yes"})
    tandem = await town.act(path, "accept", {"date": DAY})
    await town.act(f"tandems/{tandem['id']}", "try", {"on": DAY}, 1)
    await town.act(f"tandems/{tandem['id']}", "end", {"on": DAY, "reason": "no_contact"}, 2)
    now = write_instant(town.api.store.clock())
    joined = await town.mentor(slug, recorded_at=now)
    left = await town.family(slug, recorded_at=now, ended_on=DAY)
    found = await _changes(town, slug, begin)
    assert sorted((one["kind"], one["subject"]) for one in found) == sorted(
        [
            ("proposal-told", draft["id"]),
            ("proposal-answered", draft["id"]),
            ("proposal-answered", draft["id"]),
            ("proposal-accepted", draft["id"]),
            ("tandem-begun", tandem["id"]),
            ("tandem-moved", tandem["id"]),
            ("tandem-ended", tandem["id"]),
            ("mentor-joined", joined.id),
            ("family-left", left.id),
        ]
    )
    assert [one["at"] for one in found] == sorted(one["at"] for one in found)
    ended = next(one for one in found if one["kind"] == "tandem-ended")
    assert (ended["params"], ended["title"]) == ({"because": "no_contact"}, "Ein Tandem ist beendet.")
    async with town.as_grants(_grant(town, slug)) as client:
        pages, cursor = [], None
        while True:
            params: dict[str, str] = {"since": begin, "limit": "4"} | ({"cursor": cursor} if cursor else {})
            page = (await client.get("changes", params=params)).json()
            pages += page["items"]
            cursor = page["next"]
            if cursor is None:
                break
        wrong = await client.get("changes", params={"since": "yesterday"})
    assert [one["subject"] for one in pages] == [one["subject"] for one in found]
    assert (wrong.status_code, wrong.json()["errors"][0]["expected"]) == (422, "YYYY-MM-DDThh:mm:ss.sssZ")
    assert len(await _changes(town, slug, None)) >= len(found), "without an instant: since the last working day"


def test_last_working_day_of_a_monday_is_the_friday() -> None:
    assert last_working_day("2026-11-30") == "2026-11-26T23:00:00.000Z"
    assert last_working_day("2026-11-28") == "2026-11-26T23:00:00.000Z"
    assert last_working_day("2026-07-02") == "2026-06-30T22:00:00.000Z", "summer time"
