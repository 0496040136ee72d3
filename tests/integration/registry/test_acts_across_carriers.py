"""Two carriers in one city: whatever one of them may do, it cannot do to what the other has entered."""

from typing import Any, Final

import pytest_asyncio

from deploy.documents import unconnected_app
from services.registry.app import SERVICE
from tests.integration.api_parts import Api
from tests.integration.registry.families_parts import consent_of
from tests.integration.registry.town import Town

CITY: Final = "handlungsstadt"
BELOW: Final = "/v1/cities/{city}"
AWO: Final[dict[str, Any]] = {"carrier": "awo", "subject": "usr-awo"}
INSEL: Final[dict[str, Any]] = {"carrier": "insel", "subject": "usr-insel"}
DAY: Final = "2026-01-12"
NEW: Final = {"POST /people", "POST /people:check", "POST /people:names", "POST /people:search"}
"""Nothing of the others is touched; what they answer is looked at below."""
UNNAMED: Final = {"POST /certificates:verify"}
"""Whoever holds a certificate may ask whether it is genuine; the answer names nobody."""
NAMING: Final = {
    "POST /attendances", "POST /cohorts/{cohort}:enrol", "POST /cohorts/{cohort}:leave", "POST /consents",
    "POST /contacts", "POST /families", "POST /meeting-series/{series}/meetings", "POST /outcomes",
}  # fmt: skip
"""The body alone names what is another's: it is as where that is not there, and tried in ``test_references.py``."""

Ids = dict[str, str]


@pytest_asyncio.fixture(scope="module")
async def town(api: Api) -> Town:
    made = Town(api, CITY)
    await made.build()
    return made


@pytest_asyncio.fixture(scope="module")
async def ids(town: Town) -> Ids:
    """What the first carrier has entered."""
    person = (await town.post("people", {"as_documented": "Amal Beispiel"}, **AWO))["id"]
    body = {"persons": [person], "district": "nordufer", "languages": {"ar": "native"}}
    family = (await town.post("families", body, **AWO))["id"]
    about = {"programme": "muetter", "date": "2025-11-17", "site": "haus-awo"}
    participation = (await town.post("participations", {**about, "family": family}, **AWO))["id"]
    engagement = (await town.post("engagements", {**about, "person": person, "role": "volunteer"}, **AWO))["id"]
    cohort = (await town.post("cohorts", {"programme": "muetter", "name": "A", "opened_on": "2025-11-17"}))["id"]
    await town.post(f"cohorts/{cohort}:enrol", {"engagement": engagement}, **AWO)
    attended = {"cohort": cohort, "engagement": engagement, "module": "health", "date": "2025-11-20"}
    attendance = (await town.post("attendances", {**attended, "state": "present", "minutes": 90}, **AWO))["id"]
    outcome = {"engagement": engagement, "kind": "self_employment", "date": "2025-11-20"}
    helping = {**about, "programme": "paten", "person": person, "role": "volunteer"}
    helper = (await town.post("engagements", helping, **AWO))["id"]
    await town.post(f"engagements/{helper}:certify", {"on": "2025-11-20"}, **AWO)
    series = {"programme": "muetter", "name": "Runde", "first_on": "2025-11-17", "minutes": 90}
    await town.post("contacts", {"subject": family, "flats": [{"street": "Musterweg", "number": "1"}]}, **AWO)
    proof = {"kind": "measles", "dated_on": "2025-11-20", "seen_on": "2025-11-20"}
    round_table = (await town.post("meeting-series", series))["id"]
    meeting = {"date": "2025-11-24", "attended": [{"engagement": engagement, "state": "present"}]}
    return {
        "person": person, "family": family, "participation": participation, "engagement": engagement, "cohort": cohort,
        "attendance": attendance, "outcome": (await town.post("outcomes", outcome, **AWO))["id"], "helper": helper,
        "certificate": (await town.post(f"engagements/{helper}/certificates", {}, **AWO))["id"],
        "consent": (await town.post("consents", consent_of(family), **AWO))["id"],
        "proof": (await town.post(f"people/{person}/proofs", proof, **AWO))["id"], "subject": family,
        "series": round_table,
        "meeting": (await town.post(f"meeting-series/{round_table}/meetings", meeting, **AWO))["id"],
        "programme": "muetter", "site": "haus-awo", "organisation": "awo",
    }  # fmt: skip


STORED = (
    *("engagements", "participations", "families", "people", "consents", "cohorts", "attendances", "outcomes"),
    *("certificates", "contacts", "proofs", "meeting_series", "meetings", "programmes", "sites", "erasures"),
)
"""What the database holds that an act could have changed."""


def _acts(ids: Ids) -> dict[str, Any]:
    """Every act with a body that the other carrier could send."""
    return {**_on_places_and_people(ids), **_on_engagements(ids)}


def _on_places_and_people(ids: Ids) -> dict[str, Any]:
    module = {"code": "x1", "title": "Mehr"}
    return {
        "PATCH ": {"name": "Anders"},
        "POST /organisations": {"slug": "neu", "name": "Neu", "roles": ["carrier"]},
        "PATCH /organisations/{organisation}": {"name": "Anders"},
        "POST /sites": {"slug": "neu", "name": "Neu", "district": "nordufer", "carrier": "insel", "carrier_since": DAY},
        "POST /sites/{site}:carrier": {"carrier": "insel", "since": DAY},
        "POST /programmes": {"slug": "neu", "name": "Neu"},
        "PATCH /programmes/{programme}": {"modules": [module]},
        "PUT /programmes/{programme}/roles": {"roles": []},
        "POST /programmes/{programme}:end": {},
        "PATCH /programmes/{programme}/requirements": {"kept_months": 4},
        "POST /programmes/{programme}:require": {"role": "volunteer", "since": DAY, "needs": []},
        "PATCH /people/{person}": {"call_name": "Anders"},
        "PATCH /families/{family}": {"languages": {"ar": "A2"}},
        "POST /families": {"persons": [ids["person"]], "district": "nordufer", "languages": {"ar": "A2"}},
        "POST /families/{family}:move": {"district": "suedufer", "since": DAY},
        "POST /contacts": {"subject": ids["person"]},
        "PATCH /contacts/{subject}": {"flats": []},
        "POST /contacts/{subject}:protect": {"named": ["usr-insel"]},
        "POST /contacts/{subject}:lift": {},
        "POST /people/{person}/proofs": {"kind": "measles", "dated_on": DAY, "seen_on": DAY},
        "POST /people/{person}/proofs/{proof}:withdraw": {},
        "POST /erasures": {"subject": ids["person"]},
        "POST /revocations": {"subject": "usr-awo"},
    }


def _on_engagements(ids: Ids) -> dict[str, Any]:
    on, by_hand = {"on": DAY, "reason": "moved_away"}, {"programme": "muetter", "date": DAY, "site": "haus-awo"}
    attended = {"cohort": ids["cohort"], "engagement": ids["engagement"], "module": "health", "date": DAY}
    came = {"engagement": ids["engagement"], "state": "present"}
    return {
        "POST /engagements": {**by_hand, "person": ids["person"], "role": "volunteer"},
        "PATCH /engagements/{engagement}": {"capacity": 2},
        "POST /engagements/{engagement}:clear": {"issued_on": "2026-01-02", "seen_on": DAY},
        "POST /engagements/{engagement}:certify": {"on": DAY},
        "POST /engagements/{engagement}:pause": {},
        "POST /engagements/{engagement}:resume": {},
        "POST /engagements/{engagement}:leave": on,
        "POST /engagements/{engagement}:move": {"site": "haus-insel", "since": DAY},
        "POST /engagements/{engagement}/certificates": {},
        "POST /attendances": {**attended, "state": "present", "minutes": 90},
        "PATCH /attendances/{attendance}": {"minutes": 30, "reason": "correction"},
        "POST /outcomes": {"engagement": ids["engagement"], "kind": "job", "date": DAY},
        "PATCH /outcomes/{outcome}": {"date": DAY, "reason": "correction"},
        "POST /cohorts": {"programme": "muetter", "name": "B", "opened_on": DAY},
        "PATCH /cohorts/{cohort}": {"name": "B"},
        "POST /cohorts/{cohort}:enrol": {"engagement": ids["engagement"]},
        "POST /cohorts/{cohort}:leave": {"engagement": ids["engagement"]},
        "POST /meeting-series": {
            "programme": "muetter", "name": "B", "first_on": DAY, "minutes": 90,
        },
        "PATCH /meeting-series/{series}": {"until": "2026-02-01"},
        "POST /meeting-series/{series}/meetings": {"date": DAY, "attended": [came]},
        "PATCH /meeting-series/{series}/meetings/{meeting}": {"minutes": 30, "reason": "correction"},
        "POST /certificates/{certificate}:withdraw": {"reason": "entered_wrongly"},
        "POST /participations": {**by_hand, "family": ids["family"]},
        "PATCH /participations/{participation}": {"interpreter": True},
        "POST /participations/{participation}:end": on,
        "POST /participations/{participation}:reopen": {"reason": "entered_wrongly"},
        "POST /participations/{participation}:move": {"site": "haus-insel", "since": DAY},
        "POST /consents": consent_of(ids["family"]),
        "POST /consents/{consent}:withdraw": {},
    }  # fmt: skip


async def test_every_act_on_what_another_carrier_entered_is_refused_noted_and_changes_nothing(
    town: Town, ids: Ids
) -> None:
    acts, database = _acts(ids), town.api.store.mongo.city(CITY)
    before, let = await _stored(town), {}
    for name, body in acts.items():
        method, _, template = name.partition(" ")
        path = f"{BELOW}{template}".format(city=CITY, **ids)
        denied = await database["audit"].count_documents({"outcome": "denied"})
        async with town.api.client("coordinator", CITY, **INSEL) as client:
            answer = await client.request(
                method, path, json=body, headers={"If-Match": '"1"'} if method != "POST" else {}
            )
        noted = await database["audit"].count_documents({"outcome": "denied"}) > denied
        if answer.status_code not in ({422} if name in NAMING else {403, 404}) or not noted:
            let[name] = (answer.status_code, noted, answer.text)
    assert let == {}
    assert await _stored(town) == before


def test_no_act_is_forgotten() -> None:
    paths = unconnected_app(SERVICE).openapi()["paths"]
    writes = {
        f"{method.upper()} {path.removeprefix(BELOW)}"
        for path, ways in paths.items()
        for method in ways
        if method != "get" and path.startswith(BELOW)
    }
    nobody = dict.fromkeys(("cohort", "engagement", "family", "person"), "")
    assert {*_acts(nobody), *NEW, *UNNAMED} == writes


async def test_names_and_questions_tell_nobody_of_the_others(town: Town, ids: Ids) -> None:
    answers = [
        await town.post("people:names", {"ids": [ids["person"]]}, **INSEL),
        await town.post("people:search", {"name": "Amal Beispiel"}, **INSEL),
        await town.post("people:search", {"id": ids["person"][:12]}, **INSEL),
        await town.post("people:check", {"as_documented": "Amal Beispiel"}, **INSEL),
        await town.post("people", {"as_documented": "Amal Beispiel"}, **INSEL),
    ]
    assert [ids["person"] in str(answer) for answer in answers] == [False] * 5
    assert answers[3] == {"possible_duplicates": [], "duplicate_elsewhere": True}


async def _stored(town: Town) -> dict[str, list[dict[str, Any]]]:
    database = town.api.store.mongo.city(CITY)
    return {kind: await database[kind].find().sort("_id", 1).to_list(None) for kind in STORED}
