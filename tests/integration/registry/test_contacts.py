"""Contact data are sealed, checked and opened for a purpose; each error names its field."""

from typing import Any

import pytest
import pytest_asyncio
from bson import encode

from shared.kernel.ids import new_id
from tests.integration.api_parts import Api
from tests.integration.registry.town import Town

CITY = "klingelstadt"
FLAT = {"street": "Lindenhof", "number": "77", "postcode": "18109", "town": "Beispielstadt", "door": "dritte Klingel"}
NOBODY = "per_00000000000000000000000000"
PERSONS = {"kind": "email", "handle": "beispiel"}
CHANNEL = {"kind": "telephone", "number": "(030) 231 25-042", "whom": "die Nachbarin", "times": ["wed-pm"]}


@pytest_asyncio.fixture(scope="module")
async def town(api: Api) -> Town:
    made = Town(api, CITY)
    await made.build()
    return made


async def _patch(town: Town, subject: str, body: Any, version: int = 1, **options: Any) -> Any:
    path, headers = f"/v1/cities/{CITY}/contacts/{subject}", {"If-Match": f'"{version}"'}
    return await town.ask("PATCH", path, body, headers=headers, **options)


async def test_contact_data_of_a_family_and_of_a_person_are_sealed_and_opened_for_a_purpose(town: Town) -> None:
    for subject in (await town.family(), await town.person()):
        body = {"subject": subject, "flats": [FLAT], "channels": [CHANNEL], "letters": {"to": "Frau Beispiel"}}
        kept = await town.post("contacts", body)
        assert (kept["id"], kept["actions"], kept["protected"]) == (subject, ["change", "protect"], False)
        await town.post("contacts", body, expect=409)
        await town.get(f"contacts/{subject}", expect=422)
        opened = await town.get(f"contacts/{subject}?purpose=visit")
        assert (opened["flats"][0]["door"], opened["flats"][0]["letterbox"]) == ("dritte Klingel", True)
        assert (opened["channels"][0]["number"], opened["letters"]["to"]) == ("+493023125042", "Frau Beispiel")
        assert (opened["districts"], opened["named"]) == ({}, None)
        database = town.api.store.mongo.city(CITY)
        stored = await database["contacts"].find_one({"_id": subject})
        assert not [word for word in ("Lindenhof", "23125042", "Nachbarin", "Frau") if word in str(stored)]
        query = {"object": subject, "action": "sealed.read", "purpose": "visit"}
        rows = await database["audit"].find(query).to_list(None)
        assert [row["fields"] for row in rows] == [["channels", "letters"], ["flats", "districts"]]


async def test_patch_changes_what_it_names(town: Town) -> None:
    family = await town.family()
    await town.post("contacts", {"subject": family, "flats": [FLAT], "channels": [CHANNEL], "letters": {"to": "Wir"}})
    await _patch(town, family, {"letters": None})
    await _patch(town, family, {"flats": [{"shelter": "Haus am Wall", "room": "12", "letterbox": False}]}, 2)
    opened = await town.get(f"contacts/{family}?purpose=visit")
    assert (opened["letters"], opened["channels"][0]["whom"]) == (None, "die Nachbarin")
    assert [(flat["shelter"], flat["street"]) for flat in opened["flats"]] == [("Haus am Wall", None)]
    lost = await _patch(town, family, {"letters": None}, 1, expect=412)
    assert lost["params"] == {"version": 3}


@pytest.mark.parametrize(
    ("part", "pointer", "code"),
    [
        ({"channels": [{"kind": "telephone", "number": "Lindenhof 77"}]}, "/channels/0/number", "wrong-form"),
        ({"channels": [{"kind": "telephone"}]}, "/channels/0/number", "missing"),
        ({"channels": [{"kind": "pigeon", "handle": "x"}]}, "/channels/0/kind", "not-one-of"),
        ({"channels": [CHANNEL, CHANNEL | {"times": ["noon"]}]}, "/channels/1/times/0", "wrong-form"),
        ({"channels": [CHANNEL | {"language": "ku"}]}, "/channels/0/language", "wrong-form"),
        ({"flats": [FLAT | {"postcode": "1810"}]}, "/flats/0/postcode", "wrong-form"),
        ({"flats": [{"town": "Lindenhof"}]}, "/flats/0/street", "missing"),
        ({"flats": [FLAT | {"floor": "Lindenhof"}]}, "/flats/0/floor", "unknown-field"),
        ({"letters": {}}, "/letters/to", "missing"),
        ({"channels": [CHANNEL, {**PERSONS, "person": NOBODY}]}, "/channels/1/person", "not-found"),
    ],
)
async def test_error_names_the_field_and_never_its_value(town: Town, part: Any, pointer: str, code: str) -> None:
    family = await town.family()
    refusal = await town.post("contacts", {"subject": family, **part}, expect=422)
    (error,) = refusal["errors"]
    assert (error["pointer"], error["code"]) == (pointer, code)
    assert "Lindenhof" not in str(refusal)


async def test_contact_data_are_for_coordinators_in_reach_only(town: Town) -> None:
    family = await town.family()
    await town.participation(family)
    await town.post("contacts", {"subject": family, "flats": [FLAT]})
    path = f"contacts/{family}?purpose=visit"
    assert (await town.get(path, carrier="awo"))["flats"]
    await town.get(path, carrier="insel", expect=404)
    await town.post(f"contacts/{family}:protect", {}, carrier="insel", expect=404)
    for role in ("city", "auditor", "service"):
        await town.get(path, role=role, expect=403)
    await town.get(path, role="mentor", person=await town.person(), expect=403)
    await town.get(f"contacts/{new_id('fam')}?purpose=visit", expect=404)
    await town.get("contacts/eng_00000000000000000000000000?purpose=visit", expect=404)
    await town.post("contacts", {"subject": new_id("fam")}, expect=422)
    await town.post(f"contacts/{new_id('per')}:protect", {}, expect=404)


async def test_participation_keeps_urgency_access_route_and_guardians(town: Town) -> None:
    pupil, mother, family = await town.person(), await town.person(), await town.family()
    urgency = {"reason": "birth_soon", "until": "2099-01-01"}
    participation = await town.participation(family, urgency=urgency, access_route="kita", guardians=[mother])
    path = f"participations/{participation}"
    view = await town.get(path)
    assert (view["urgent"], view["urgency"]["reason"], view["access_route"]) == (True, "birth_soon", "kita")
    assert (view["guardians"], bool(view["urgency"]["by"])) == ([mother], True)
    listed = (await town.get(f"participations?family={family}"))["items"]
    assert [(one["urgency"]["reason"], one["urgency"]["until"]) for one in listed] == [(None, "2099-01-01")]
    shown = await town.get(path, role="service")
    assert (shown["urgent"], shown["urgency"], shown["guardians"]) == (True, None, [])
    state = (await town.told("participations", participation))[-1]
    assert (state.urgent, state.access_route) == (True, "kita")
    assert "birth_soon" not in state.model_dump_json()
    for wrong, pointer in (
        ({"urgency": {"reason": "late", "until": "2020-01-01"}}, "/urgency/until"),
        ({"urgency": urgency, "urgent": False}, "/urgent"),
        ({"urgent": True}, "/urgency"),
        ({"urgent": True, "urgency": None}, "/urgency"),
        ({"guardians": [new_id("per")]}, "/guardians/0"),
    ):
        body = {"person": pupil, "programme": "paten", "date": "2025-11-17", "district": "nordufer", **wrong}
        refusal = await town.post("participations", body, expect=422)
        assert refusal["errors"][0]["pointer"] == pointer
    missing = await town.post(
        "participations", {"person": pupil, "programme": "paten", "date": "2025-11-17"}, expect=422
    )
    assert missing["errors"][0]["pointer"] == "/district"
    await town.post("erasures", {"subject": mother})
    assert (await town.get(path))["guardians"] == []


async def test_nothing_is_urgent_without_a_reason_and_an_end_and_what_was_said_stays(town: Town) -> None:
    participation = await town.participation(await town.family())
    where = f"/v1/cities/{CITY}/participations/{participation}"

    async def change(body: dict[str, Any], version: int, expect: int = 200) -> Any:
        return await town.ask("PATCH", where, body, headers={"If-Match": f'"{version}"'}, expect=expect)

    refused = await change({"urgent": True}, 1, 422)
    assert refused["errors"][0]["pointer"] == "/urgency"
    said = await change({"urgency": {"reason": "birth_soon", "until": "2099-01-01"}}, 1)
    again = await change({"urgent": True, "wishes": ["flat_search"]}, 2)
    assert (said["urgent"], again["urgent"], again["urgency"]["until"]) == (True, True, "2099-01-01")
    over = await change({"urgent": False}, 3)
    assert (over["urgent"], over["urgency"]) == (False, None)


async def test_why_it_is_urgent_is_sealed_and_opened_with_an_audit_entry(town: Town) -> None:
    family = await town.family()
    participation = await town.participation(family, urgency={"reason": "birth_soon", "until": "2099-01-01"})
    database, path = town.api.store.mongo.city(CITY), f"participations/{participation}"
    for reason, version in (("birth_soon", 1), ("violence_at_home", 2)):
        if version > 1:
            body = {"urgency": {"reason": reason, "until": "2099-01-01"}}
            where, headers = f"/v1/cities/{CITY}/{path}", {"If-Match": f'"{version - 1}"'}
            await town.ask("PATCH", where, body, headers=headers)
        assert reason.encode() not in encode(await database["participations"].find_one({"_id": participation}) or {})
        assert (await town.get(path))["urgency"]["reason"] == reason
    query = {"object": family, "action": "sealed.read", "purpose": "urgency"}
    assert [row["fields"] for row in await database["audit"].find(query).to_list(None)] == [["reason"], ["reason"]]
    before = {"reason": "birth_soon", "by": "anna", "until": "2099-01-01"}
    await database["participations"].update_one({"_id": participation}, {"$set": {"urgency": before}})
    assert (await town.get(path))["urgency"] == before
