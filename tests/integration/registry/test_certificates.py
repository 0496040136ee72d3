"""Certificates over HTTP: for who is certified, with her name on the paper and nowhere else."""

from io import BytesIO
from typing import Any

import httpx
import pytest_asyncio
from bson import CodecOptions, UuidRepresentation, encode
from pypdf import PdfReader

from tests.integration.api_parts import Api
from tests.integration.registry.town import Town

CITY = "zeugnisstadt"
NAME, OWN = "Amal Musterfrau", "أمل"


@pytest_asyncio.fixture(scope="module")
async def town(api: Api) -> Town:
    made = Town(api, CITY)
    await made.build()
    return made


async def _trainee(town: Town, *, certified: bool = True) -> tuple[str, str]:
    """A person with both modules, and her engagement."""
    person = str((await town.post("people", {"as_documented": NAME, "own_script": OWN, "call_name": "Mala"}))["id"])
    cohort = (await town.post("cohorts", {"programme": "muetter", "name": "A", "opened_on": "2025-11-17"}))["id"]
    engagement = await town.engagement(person, "muetter", cohort=cohort, languages={"ar": "native"})
    for module, date in (("health", "2025-11-20"), ("violence", "2025-11-21")):
        body = {"cohort": cohort, "engagement": engagement, "module": module, "date": date, "state": "present"}
        await town.post("attendances", {**body, "minutes": 180})
    if certified:
        await town.post(f"engagements/{engagement}:certify", {"on": "2025-11-24"})
    return person, engagement


async def _document(town: Town, certificate: str, role: str = "coordinator", **limits: Any) -> httpx.Response:
    async with town.api.client(role, CITY, **limits) as client:
        return await client.get(f"/v1/cities/{CITY}/certificates/{certificate}/document")


async def _verified(town: Town, number: str, role: str = "city", **limits: Any) -> Any:
    return await town.post("certificates:verify", {"number": number}, role=role, **limits)


async def test_who_is_certified_gets_a_paper_with_her_name_and_her_carrier_of_that_day(town: Town) -> None:
    person, engagement = await _trainee(town)
    made = await town.post(f"engagements/{engagement}/certificates", {"also_in": "ar"})
    assert made["number"].startswith("ZEUGNISSTADT-")
    assert (made["languages"], made["state"], made["actions"]) == (["de", "ar"], "valid", ["document", "withdraw"])
    assert await town.get(f"certificates/{made['id']}") == made
    assert (await town.get(f"engagements/{engagement}/certificates"))["items"] == [made]
    answer = await _document(town, made["id"])
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf")
    assert answer.headers["cache-control"] == "no-store"
    german, arabic = (page.extract_text() for page in PdfReader(BytesIO(answer.content)).pages)
    for said in (NAME, "Stadtteilmütter", "Gesundheit", "3:00", "24. November 2025", "Haus Awo", made["number"]):
        assert said in german, said
    assert "Mala" not in german
    assert OWN in arabic
    audit = town.api.store.mongo.city(CITY)["audit"]
    opened = await audit.find({"action": "sealed.read", "object": person, "purpose": "certificate"}).to_list(None)
    assert [tuple(row["fields"]) for row in opened] == [("as_documented", "own_script")] * 2


async def test_paper_names_the_funders_of_its_own_period(town: Town) -> None:
    _, engagement = await _trainee(town)
    path = f"/v1/cities/{CITY}/programmes/muetter"
    for since, funders in (("2025-11-01", ["Stiftung Vorher"]), ("2025-11-21", ["Fonds Währenddessen"])):
        version = (await town.get("programmes/muetter"))["version"]
        body = {"since": since, "funders": funders}
        await town.ask("PATCH", path, body, headers={"If-Match": f'"{version}"'})
    made = await town.post(f"engagements/{engagement}/certificates", {})
    version = (await town.get("programmes/muetter"))["version"]
    body = {"since": "2025-11-22", "funders": ["Spender Nachher"]}
    await town.ask("PATCH", path, body, headers={"If-Match": f'"{version}"'})
    # What was agreed for later changes nothing of what the paper states.
    answer = await _document(town, made["id"])
    assert answer.status_code == 200
    (page,) = (page.extract_text() for page in PdfReader(BytesIO(answer.content)).pages)
    assert "Gefördert durch" in page
    assert "Stiftung Vorher" in page
    assert "Fonds Währenddessen" in page
    assert "Spender Nachher" not in page


async def test_name_stands_nowhere_in_the_database(town: Town) -> None:
    _, engagement = await _trainee(town)
    await town.post(f"engagements/{engagement}/certificates", {})
    database = town.api.store.mongo.city(CITY)
    for collection in await database.list_collection_names():
        for document in await database[collection].find({}).to_list(None):
            raw = encode(document, codec_options=CodecOptions(uuid_representation=UuidRepresentation.STANDARD))
            assert NAME.encode() not in raw, collection
            assert OWN.encode() not in raw, collection


async def test_mentor_gets_her_own_paper_and_nobody_elses(town: Town) -> None:
    person, engagement = await _trainee(town)
    made = await town.post(f"engagements/{engagement}/certificates", {})
    assert (await _document(town, made["id"], "mentor", person=person)).status_code == 200
    other = await town.person()
    assert (await _document(town, made["id"], "mentor", person=other)).status_code == 404
    assert (await _document(town, made["id"], carrier="insel")).status_code == 404
    assert (await _document(town, made["id"], "city")).status_code == 403
    path = f"engagements/{engagement}/certificates"
    await town.post(path, {}, role="mentor", person=person, expect=403)
    await town.post(path, {}, carrier="insel", expect=404)


async def test_who_is_not_certified_gets_none_and_other_languages_are_named(town: Town) -> None:
    _, engagement = await _trainee(town, certified=False)
    path = f"engagements/{engagement}/certificates"
    assert (await town.post(path, {}, expect=422))["code"] == "not-certified"
    refused = await town.post(path, {"also_in": "xx"}, expect=422)
    assert refused["errors"][0]["pointer"] == "/also_in"


async def test_paper_that_would_state_something_else_is_not_written_again(town: Town) -> None:
    person, engagement = await _trainee(town)
    made = await town.post(f"engagements/{engagement}/certificates", {})
    (first, *_) = (await town.get(f"attendances?engagement={engagement}"))["items"]
    path, change = f"/v1/cities/{CITY}/attendances/{first['id']}", {"reason": "entered_wrongly", "minutes": 170}
    await town.ask("PATCH", path, change, headers={"If-Match": '"1"'})
    answer = await _document(town, made["id"])
    assert (answer.status_code, answer.json()["code"]) == (409, "certificate-outdated")
    await town.ask("PATCH", path, {**change, "minutes": 180}, headers={"If-Match": '"2"'})
    assert (await _document(town, made["id"])).status_code == 200
    renamed = {"as_documented": "Amal Andersname"}
    await town.ask("PATCH", f"/v1/cities/{CITY}/people/{person}", renamed, headers={"If-Match": '"1"'})
    assert (await _document(town, made["id"])).status_code == 409
    absent = {"reason": "entered_wrongly", "state": "absent"}
    await town.ask("PATCH", path, absent, headers={"If-Match": '"3"'})
    refused = await town.post(f"engagements/{engagement}/certificates", {}, expect=422)
    assert refused["code"] == "qualification"


async def test_number_tells_whether_it_holds_and_nothing_of_anybody(town: Town) -> None:
    _, engagement = await _trainee(town)
    made = await town.post(f"engagements/{engagement}/certificates", {})
    told = {"state": "valid", "issued_on": made["issued_on"], "programme": "Stadtteilmütter"}
    for typed in (made["number"], made["number"].lower()):
        assert await _verified(town, typed) == told
    assert await _verified(town, made["number"], "partner", organisation="insel") == told
    await town.post(f"certificates/{made['id']}:withdraw", {"reason": "entered_wrongly"}, carrier="insel", expect=404)
    stale = {"headers": {"If-Match": '"7"'}, "expect": 412}
    await town.post(f"certificates/{made['id']}:withdraw", {"reason": "entered_wrongly"}, **stale)
    await town.post(f"certificates/{made['id']}:withdraw", {"reason": "entered_wrongly"})
    assert await _verified(town, made["number"]) == {**told, "state": "withdrawn"}
    assert (await _document(town, made["id"])).status_code == 409
    unknown = {"state": "unknown", "issued_on": None, "programme": None}
    assert await _verified(town, "ROSTOCK-7K3M9-QXRC2G") == unknown
    slip = await town.post("certificates:verify", {"number": "ROSTOCK-7K3M9-QXRC2H"}, role="city", expect=422)
    assert slip["errors"][0]["pointer"] == "/number"
    mentor = {"role": "mentor", "person": await town.person(), "expect": 403}
    await town.post("certificates:verify", {"number": made["number"]}, **mentor)


async def test_repeat_under_one_key_issues_one(town: Town) -> None:
    _, engagement = await _trainee(town)
    path = f"engagements/{engagement}/certificates"
    key: dict[str, Any] = {"headers": {"Idempotency-Key": "certificate-1"}, "subject": "sub-1"}
    first, again = await town.post(path, {}, **key), await town.post(path, {}, **key)
    assert again == {"id": first["id"], "version": 1}
    assert len((await town.get(path))["items"]) == 1


async def test_erasure_leaves_nothing_of_a_certificate(town: Town) -> None:
    person, engagement = await _trainee(town)
    made = await town.post(f"engagements/{engagement}/certificates", {})
    await town.post("erasures", {"subject": person}, role="city")
    assert await _verified(town, made["number"]) == {"state": "unknown", "issued_on": None, "programme": None}
    await town.get(f"certificates/{made['id']}", expect=404)
    refused = await town.post(f"engagements/{engagement}/certificates", {}, expect=409)
    assert refused["code"] == "erased"
