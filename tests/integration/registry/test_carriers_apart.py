"""Five carriers in one city: each reads what is its own, and of the others' finds nothing, by any route."""

from dataclasses import dataclass
from itertools import product

import pytest_asyncio

from tests.integration.api_parts import Api
from tests.integration.registry.families_parts import consent_of
from tests.integration.registry.town import Town

CITY = "traegerstadt"
CARRIERS = ("awo", "insel", "anker", "bruecke", "kompass")


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


async def test_lists_hold_ones_own_only(town: Town, owned: dict[str, Owned]) -> None:
    for carrier in CARRIERS:
        for path, key in owned[carrier].listed.items():
            rows = (await town.get(path, carrier=carrier, subject=f"usr-{carrier}"))["items"]
            assert [row["id"] for row in rows] == [key], (carrier, path)
        hits = await town.post("people:search", {"name": "Amal"}, carrier=carrier)
        assert len(hits["items"]) == 1


async def test_city_reads_numbers_under_random_ids_and_nobody(town: Town, owned: dict[str, Owned]) -> None:
    for path in owned["anker"].paths:
        if path.startswith(("people", "families", "contacts", "consents", "certificates")):
            await town.get(path, role="city", expect=403)
