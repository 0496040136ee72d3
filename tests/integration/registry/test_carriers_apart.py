"""Five carriers in one city: each reads what is its own, and of the others' finds nothing, by any route."""

import re
from dataclasses import dataclass
from itertools import product
from typing import Final

import pytest_asyncio

from tests.integration.api_parts import Api
from tests.integration.registry.families_parts import consent_of
from tests.integration.registry.town import Town

CITY = "traegerstadt"
CARRIERS = ("awo", "insel", "anker", "bruecke", "kompass")
BELOW: Final = "/v1/cities/{city}/"
LISTS: Final = ("attendances", "due", "engagements", "families", "outcomes", "participations")
"""Show what is one's own."""
SHARED: Final = (
    "cohorts", "cohorts/{cohort}", "meeting-series", "meeting-series/{series}", "meeting-series/{series}/meetings",
    "meeting-series/{series}/meetings/{meeting}", "organisations", "organisations/{organisation}", "programmes",
    "programmes/{programme}", "programmes/{programme}/requirements", "sites", "sites/{site}",
)  # fmt: skip
"""Impersonal, or every carrier's; who is named in it is tried in the tests of cohorts."""
ELSEWHERE: Final = {
    "programmes/{programme}/roles": "test_shared_programmes.py",
    "programmes/{programme}/sealed": "test_shared_programmes.py",
    "erasures/{erasure}": "test_running.py",
    "mentors/me/families": "test_own_families.py",
}
OF_THE_CITY: Final = {
    "organisations", "organisations/{organisation}", "sites", "sites/{site}", "programmes", "programmes/{programme}",
    "programmes/{programme}/requirements", "programmes/{programme}/roles", "programmes/{programme}/sealed",
    "erasures/{erasure}",
}  # fmt: skip
"""All that the city's role may read: what is offered and by whom, and how far an erasure is. No single case."""


@dataclass(frozen=True, slots=True)
class Owned:
    """What one carrier has entered: the paths of single things, and the lists that each would stand in."""

    paths: tuple[str, ...]
    listed: dict[str, str]


async def _enter(town: Town, carrier: str) -> Owned:
    site, own = f"haus-{carrier}", {"carrier": carrier, "subject": f"usr-{carrier}"}
    person = (await town.post("people", {"as_documented": f"Amal {carrier.title()}"}, **own))["id"]
    body = {"persons": [person], "district": "nordufer", "languages": {"ar": "native"}}
    family = (await town.post("families", body, **own))["id"]
    about = {"programme": "paten", "date": "2025-11-17", "site": site}
    participation = (await town.post("participations", {**about, "family": family}, **own))["id"]
    engagement = (await town.post("engagements", {**about, "person": person, "role": "volunteer"}, **own))["id"]
    await town.post(f"engagements/{engagement}:certify", {"on": "2025-11-20"}, **own)
    certificate = (await town.post(f"engagements/{engagement}/certificates", {}, **own))["id"]
    proof = {"kind": "measles", "dated_on": "2025-11-20", "seen_on": "2025-11-20"}
    proof_id = (await town.post(f"people/{person}/proofs", proof, **own))["id"]
    consent = (await town.post("consents", consent_of(family), **own))["id"]
    await town.post("contacts", {"subject": family, "flats": [{"street": "Musterweg", "number": "1"}]}, **own)
    outcome = {"engagement": engagement, "kind": "self_employment", "date": "2025-11-20"}
    await town.post("outcomes", outcome, **own)
    paths = (
        f"people/{person}?purpose=visit",
        f"people/{person}/proofs",
        f"people/{person}/proofs/{proof_id}",
        f"families/{family}",
        f"families/{family}?purpose=visit",
        f"contacts/{family}?purpose=visit",
        f"participations/{participation}",
        f"engagements/{engagement}",
        f"engagements/{engagement}/certificates",
        f"certificates/{certificate}",
        f"certificates/{certificate}/document",
        f"consents?subject={family}",
        f"consents/{consent}",
    )
    return Owned(paths, {"families": family, "participations": participation, "engagements": engagement})


@pytest_asyncio.fixture(scope="module")
async def town(api: Api) -> Town:
    made = Town(api, CITY)
    await made.build()
    for carrier in CARRIERS[2:]:
        organisation = {"slug": carrier, "name": carrier.title(), "roles": ["carrier"]}
        await made.post("organisations", organisation, role="city")
        site = {"slug": f"haus-{carrier}", "name": f"Haus {carrier.title()}", "district": "nordufer"}
        await made.post("sites", {**site, "carrier": carrier, "carrier_since": "2020-01-01"}, role="city")
    return made


@pytest_asyncio.fixture(scope="module")
async def owned(town: Town) -> dict[str, Owned]:
    return {carrier: await _enter(town, carrier) for carrier in CARRIERS}


async def _status(town: Town, path: str, carrier: str) -> int:
    async with town.api.client("coordinator", CITY, carrier=carrier, subject=f"usr-{carrier}") as client:
        return (await client.get(f"/v1/cities/{CITY}/{path}")).status_code


async def test_each_reads_its_own_and_nothing_of_the_others(town: Town, owned: dict[str, Owned]) -> None:
    audit = town.api.store.mongo.city(CITY)["audit"]
    for asking, other in product(CARRIERS, CARRIERS):
        before = await audit.count_documents({"outcome": "denied"})
        found = {path: await _status(town, path, asking) for path in owned[other].paths}
        denied = await audit.count_documents({"outcome": "denied"}) - before
        if asking == other:
            assert set(found.values()) == {200}, (asking, found)
            assert denied == 0
        else:
            assert set(found.values()) <= {403, 404}, (asking, other, found)
            assert denied == len(found), (asking, other)


async def test_lists_name_nobody_of_the_others(town: Town, owned: dict[str, Owned]) -> None:
    for carrier, path in product(CARRIERS, LISTS):
        told = str(await town.get(f"{path}?limit=200", carrier=carrier, subject=f"usr-{carrier}"))
        for other in CARRIERS:
            named = [key for key in owned[other].listed.values() if key in told]
            assert other == carrier or not named, (carrier, other, path)


async def test_every_route_that_reads_is_tried(town: Town, owned: dict[str, Owned]) -> None:
    async with town.api.client("city", CITY) as client:
        routes = (await client.get("/openapi.json")).json()["paths"]
    reads = {path.removeprefix(BELOW) for path, ways in routes.items() if path.startswith(BELOW) and "get" in ways}
    tried = [path.partition("?")[0].split("/") for path in owned["awo"].paths]
    forgotten = {read for read in reads if not any(_fits(read.split("/"), path) for path in tried)}
    assert forgotten == {*LISTS, *SHARED, *ELSEWHERE}


def _fits(template: list[str], path: list[str]) -> bool:
    return len(template) == len(path) and all(
        part.startswith("{") or part == own for part, own in zip(template, path, strict=True)
    )


async def test_consents_of_somebody_unknown_are_answered_as_those_of_the_others(
    town: Town, owned: dict[str, Owned]
) -> None:
    answers = []
    for subject in (owned["insel"].listed["families"], "fam_00000000000000000000000009"):
        answer = await town.get(f"consents?subject={subject}", carrier="awo", subject="usr-awo", expect=404)
        answers.append({key: value for key, value in answer.items() if key != "correlation_id"})
    assert answers[0] == answers[1]


async def test_lists_hold_ones_own_only(town: Town, owned: dict[str, Owned]) -> None:
    for carrier in CARRIERS:
        for path, key in owned[carrier].listed.items():
            rows = (await town.get(path, carrier=carrier, subject=f"usr-{carrier}"))["items"]
            assert [row["id"] for row in rows] == [key], (carrier, path)
        hits = await town.post("people:search", {"name": "Amal"}, carrier=carrier)
        assert len(hits["items"]) == 1


async def test_city_sees_what_the_association_offers_and_nobody(town: Town, owned: dict[str, Owned]) -> None:
    async with town.api.client("city", CITY) as client:
        routes = (await client.get("/openapi.json")).json()["paths"]
        reads = [path for path, ways in routes.items() if path.startswith(BELOW) and "get" in ways]
        found = {path.removeprefix(BELOW): (await client.get(_somewhere(path))).status_code for path in reads}
        theirs = {(await client.get(f"/v1/cities/{CITY}/{path}")).status_code for path in owned["anker"].paths}
    assert {path for path, status in found.items() if status != 403} == OF_THE_CITY
    assert theirs == {403}


def _somewhere(path: str) -> str:
    return re.sub(r"{\w+}", "none", path.replace("{city}", CITY))
