"""What waits for a coordinator: longest due first, in pages, in her language, and nothing out of her reach."""

from datetime import timedelta
from typing import Any

import pytest_asyncio

from services.registry.commands.consents import tell_expired_consents
from shared.kernel.dates import days_after, today
from shared.kernel.ids import new_id
from shared.storage.store import Store
from tests.integration.api_parts import Api
from tests.integration.registry.town import Town

CITY = "faelligstadt"


@pytest_asyncio.fixture(scope="module")
async def town(api: Api) -> Town:
    made = Town(api, CITY)
    await made.build()
    return made


def day(town: Town, ahead: int) -> str:
    """A day from today."""
    return days_after(today(town.api.store.clock()), ahead)


async def test_each_kind_is_due_in_order_and_in_pages_and_in_words(town: Town) -> None:
    cohort = await town.post("cohorts", {"programme": "muetter", "name": "A", "opened_on": "2025-11-17"})
    complete = await town.engagement(await town.person(), "muetter", cohort=cohort["id"])
    learning = await town.engagement(await town.person(), "muetter", cohort=cohort["id"])
    for module in ("health", "violence"):
        body = {"cohort": cohort["id"], "engagement": complete, "module": module, "date": "2025-11-20"}
        await town.post("attendances", {**body, "state": "present", "minutes": 180})
    ended, ending = await _cleared(town, 30), await _cleared(town, -30)
    mentor = await _cleared(town, 40)
    tandem = {"_id": new_id("tan"), "programme": "paten", "engagement": mentor, "ended_on": None, "erased": False}
    await town.api.store.mongo.city(CITY)["known_tandems"].insert_one({**tandem, "sequence": 1})
    paused = await _cleared(town, -800)
    await town.post(f"engagements/{paused}:pause", {})
    known = town.api.store.mongo.city(CITY)["engagements"]
    await known.update_one({"_id": paused}, {"$set": {"paused_since": day(town, -100)}})
    family = await town.family(await town.person())
    await town.participation(family)
    consent = await town.post("consents", {**_consent(family), "expires_on": day(town, 50)})

    everything = (await town.get("due?limit=200"))["items"]
    assert {(due["kind"], due["subject"]) for due in everything} == {
        ("certification", complete),
        ("cohort-without-attendance", cohort["id"]),
        ("proof-ended", ended),
        ("proof-ends", ending),
        ("tandem-without-proof", mentor),
        ("paused-for-long", paused),
        ("consent-ends", family),
    }
    assert learning not in {due["subject"] for due in everything}
    assert [due["due_at"] for due in everything] == sorted(due["due_at"] for due in everything)
    by_kind = {due["kind"]: due for due in everything}
    assert by_kind["consent-ends"]["link"] == f"/v1/cities/{CITY}/consents/{consent['id']}"
    assert by_kind["consent-ends"]["params"] == {"purpose": "photo", "until": day(town, 50)}
    assert by_kind["proof-ended"]["params"] == {"proof": "clearance", "until": by_kind["proof-ended"]["due_at"]}

    await _comes_in_pages(town, everything)
    await _comes_in_english(town, everything)
    await _only_what_is_in_reach(town, family)


async def _comes_in_pages(town: Town, everything: list[dict[str, Any]]) -> None:
    paged: list[dict[str, Any]] = []
    path: str | None = "due?limit=2"
    while path:
        page = await town.get(path)
        paged += page["items"]
        path = page["next"] and f"due?limit=2&cursor={page['next']}"
    assert paged == everything
    await town.get(f"due?limit=2&role=coordinator&cursor={(await town.get('due?limit=2'))['next']}", expect=400)


async def _comes_in_english(town: Town, everything: list[dict[str, Any]]) -> None:
    english = (await town.get("due?limit=200", headers={"Accept-Language": "en"}))["items"]
    assert [due["id"] for due in english] == [due["id"] for due in everything]
    titles = {due["kind"]: (due["title"], other["title"]) for due, other in zip(everything, english, strict=True)}
    assert titles["tandem-without-proof"] == (
        "Führungszeugnis: gilt nicht mehr oder fehlt, während Tandems laufen (Anzahl: 1).",
        "Certificate of good conduct: has ended or is missing while tandems are running (number: 1).",
    )


async def _only_what_is_in_reach(town: Town, family: str) -> None:
    assert (await town.get("due?limit=200", carrier="insel"))["items"] == []
    own = (await town.get("due?limit=200", programmes=["muetter"]))["items"]
    assert {due["kind"] for due in own} == {"certification", "cohort-without-attendance"}
    await town.get("due", role="city", expect=403)
    there = (await town.get("due?limit=200", programmes=["paten"]))["items"]
    assert family in {due["subject"] for due in there}
    # Nothing says who somebody is: ids, codes, days.
    assert not [due for due in there if "Beispiel" in str(due)]


async def test_missing_proof_of_a_new_requirement_is_due_before_it_begins(town: Town) -> None:
    await town.post("programmes", {"slug": "kita", "name": "Kita"}, role="city")
    engagement = await town.engagement(await town.person(), "kita")
    await town.post(f"engagements/{engagement}:clear", _seen(town, -600))
    needs = [{"kind": "clearance"}, {"kind": "measles"}]
    begin = day(town, 10)
    await town.post("programmes/kita:require", {"role": "volunteer", "since": begin, "needs": needs})
    assert (await town.get(f"engagements/{engagement}"))["stage"] == "active"
    assert (await town.told("engagements", engagement))[-1].clearance_until == begin
    (due,) = [due for due in (await town.get("due?limit=200"))["items"] if due["subject"] == engagement]
    assert (due["kind"], due["due_at"], due["params"]) == ("proof-missing", begin, {"proof": "measles"})
    person = (await town.get(f"engagements/{engagement}"))["person"]
    assert due["link"] == f"/v1/cities/{CITY}/people/{person}/proofs"
    body = {"kind": "measles", "dated_on": "2019-05-05", "seen_on": day(town, 0)}
    await town.post(f"people/{person}/proofs", body)
    assert engagement not in {due["subject"] for due in (await town.get("due?limit=200"))["items"]}


async def test_consent_that_has_expired_says_so_by_the_day_and_is_told_once_at_night(town: Town) -> None:
    family = await town.family(await town.person())
    participation = await town.participation(family)
    consent = await town.post("consents", {**_consent(family), "expires_on": day(town, 5)})
    assert (consent["state"], consent["actions"]) == ("given", ["withdraw"])
    store = town.api.store
    real = store.clock
    store.clock = lambda: real() + timedelta(days=5)
    try:
        assert (await town.get(f"consents/{consent['id']}"))["state"] == "expired"
    finally:
        store.clock = real
    await tell_expired_consents(store)
    assert len(await town.told("consents", consent["id"])) == 1
    later = Store(store.mongo, b"", store._layout, clock=lambda: real() + timedelta(days=5))
    for _ in range(2):
        await tell_expired_consents(later)
    assert len(await town.told("consents", consent["id"])) == 2
    # It was begun, and what rests on consents was told with the consent and with its end.
    assert len(await town.told("participations", participation)) == 3
    withdrawn = await town.post(f"consents/{consent['id']}:withdraw", {})
    assert withdrawn["state"] == "withdrawn"


def _seen(town: Town, ended: int) -> dict[str, str]:
    """A certificate that ended so many days ago, or ends in as many days where the number is below nought."""
    issued = day(town, -ended)
    issued = f"{int(issued[:4]) - 5}{issued[4:]}" if not issued.endswith("02-29") else f"{int(issued[:4]) - 5}-02-28"
    return {"issued_on": issued, "seen_on": issued}


async def _cleared(town: Town, ended: int) -> str:
    engagement = await town.engagement(await town.person())
    await town.post(f"engagements/{engagement}:clear", _seen(town, ended))
    return engagement


def _consent(subject: str) -> dict[str, object]:
    head: dict[str, object] = {"subject": subject, "purpose": "photo", "capacity": "self", "text": "consent_text"}
    return {**head, "text_language": "uk", "how": "in_writing", "given_on": "2025-11-17"}
