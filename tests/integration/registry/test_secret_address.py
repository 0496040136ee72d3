"""A protected address is told to those named, and leaves by no route, event, log or error for anybody else."""

import asyncio
import io
import json
import logging
from typing import Any

import pytest
import pytest_asyncio

from shared.observability import logs
from tests.integration.api_parts import Api
from tests.integration.registry.families_parts import Tandems, consent_of
from tests.integration.registry.town import Town

CITY = "schutzstadt"
STREET, DOOR, DISTRICT = "Verborgenweg", "hinter dem Kiosk Silbermond", "suedufer"
FLAT = {"street": STREET, "number": "4", "door": DOOR}
CHANNEL = {"kind": "signal", "number": "0152 28817386"}
KNOWS: dict[str, Any] = {"subject": "usr-knows"}
KNOWS_NOT: dict[str, Any] = {"subject": "usr-knows-not"}


@pytest_asyncio.fixture(scope="module")
async def town(api: Api) -> Town:
    made = Town(api, CITY)
    await made.build()
    return made


async def _family(town: Town, *persons: str, **fields: Any) -> tuple[str, str]:
    """A protected family with contact data, and its participation; consents stand."""
    body = {"persons": list(persons), "district": DISTRICT, "languages": {"uk": "native"}, "protected": True}
    family = str((await town.post("families", {**body, **fields}, **KNOWS))["id"])
    participation = await town.participation(family)
    await town.post("consents", consent_of(family))
    path, headers = f"/v1/cities/{CITY}/contacts/{family}", {"If-Match": '"1"'}
    await town.ask("PATCH", path, {"flats": [FLAT], "channels": [CHANNEL]}, headers=headers, **KNOWS)
    return family, participation


async def _answers(town: Town, family: str, participation: str, person: str) -> str:
    """Everything that somebody who is not named can read of it, as one text."""
    paths = [
        "families", f"families/{family}", f"families/{family}?purpose=visit", f"contacts/{family}?purpose=visit",
        "participations", f"participations/{participation}", f"participations?family={family}",
        f"consents?subject={family}", "engagements", f"people/{person}?purpose=visit",
    ]  # fmt: skip
    found = [await town.get(path, **KNOWS_NOT) for path in paths]
    found += [await town.get(path, role="service") for path in ("participations", f"participations/{participation}")]
    return json.dumps(found, ensure_ascii=False)


async def _stored(town: Town) -> str:
    """All that registry has written down of the city's people: documents, events, audit, idempotency."""
    database = town.api.store.mongo.city(CITY)
    places = {"city", "sites"}
    names = [name for name in await database.list_collection_names() if name not in places]
    rows = [row for name in names for row in await database[name].find({}).to_list(None)]
    return "\n".join(str(row) for row in rows if not str(row.get("topic", "")).startswith(_PLACES))


_PLACES = ("registry.cities", "registry.sites")


async def test_protected_from_the_first_moment_it_leaves_by_nothing(town: Town) -> None:
    stream, root = io.StringIO(), logging.getLogger()
    handlers, level = root.handlers[:], root.level
    logs.configure("registry", "DEBUG", stream)
    try:
        person = await town.person()
        family, participation = await _family(town, person)
        mentor = await town.person("Mara Muster")
        engagement = await town.engagement(mentor)
        tandems = Tandems(town)
        await tandems.begin(engagement, participation)
        told = await _answers(town, family, participation, person)
        (item,) = (await tandems.mine(mentor))["items"]
        refusals = [
            await _changed(town, family, {"flats": [{"town": STREET}]}, expect=422, **KNOWS_NOT),
            await _changed(town, family, {"flats": [FLAT]}, expect=403, **KNOWS_NOT),
            await _changed(town, family, {"flats": [{**FLAT, STREET: DOOR}]}, expect=422, **KNOWS),
            await town.post(f"contacts/{family}:lift", {}, expect=403, **KNOWS_NOT),
            await town.post(f"contacts/{family}:protect", {"named": ["usr-knows-not"]}, expect=403, **KNOWS_NOT),
            await town.post(f"families/{family}:move", {"district": DISTRICT, "since": "2026-01-01"}, expect=403),
        ]
        await town.get(f"contacts/{family}?purpose=visit", role="city", expect=403)
    finally:
        root.handlers[:], root.level = handlers, level
    assert (item["flats"], item["channels"][0]["number"]) == (None, "+4915228817386")
    texts = {"routes": told + json.dumps(item), "stored": await _stored(town), "log": stream.getvalue()}
    texts["errors"] = json.dumps(refusals, ensure_ascii=False).replace(f'"/flats/0/{STREET}"', "")
    assert {(name, word) for name, text in texts.items() for word in (STREET, DOOR) if word in text} == set()
    assert {name for name, text in texts.items() if DISTRICT in text} == set()
    assert stream.getvalue()
    assert (await town.told("families", family))[-1].districts == ()
    state = (await town.told("participations", participation))[-1]
    assert (state.district, state.districts) == (None, ())


async def test_those_named_learn_where_and_the_audit_says_so(town: Town) -> None:
    mentor = await town.person()
    family, participation = await _family(town, await town.person())
    tandems = Tandems(town)
    await tandems.begin(await town.engagement(mentor), participation)
    path = f"contacts/{family}?purpose=visit"
    hidden = await town.get(path, **KNOWS_NOT)
    assert (hidden["flats"], hidden["districts"], hidden["named"]) == (None, {}, None)
    assert (hidden["actions"], hidden["protected"]) == (["change"], True)
    opened = await town.get(path, **KNOWS)
    assert (opened["flats"][0]["street"], opened["named"]) == (STREET, ["usr-knows"])
    assert [entry["value"] for entry in opened["districts"][family]] == [DISTRICT]
    query = {"object": family, "action": "sealed.read", "purpose": "visit"}
    rows = await town.api.store.mongo.city(CITY)["audit"].find(query).to_list(None)
    assert [(row["actor"], row["fields"]) for row in rows if "flats" in row["fields"]] == [
        ("usr-knows", ["flats", "districts"])
    ]
    await town.post(f"contacts/{family}:protect", {"named": [mentor]}, **KNOWS)
    (item,) = (await tandems.mine(mentor))["items"]
    assert item["flats"][0]["door"] == DOOR
    await town.get(f"families/{family}", carrier="insel", expect=404)


async def test_protecting_later_takes_back_what_was_told_and_lifting_tells_it_again(town: Town) -> None:
    family = await town.family(district="nordufer")
    participation = await town.participation(family)
    await town.post(f"families/{family}:move", {"district": DISTRICT, "since": "2025-06-01"})
    assert (await town.told("participations", participation))[-1].versions[0].district == "nordufer"
    await town.post(f"contacts/{family}:protect", {}, **KNOWS)
    for topic, key in (("families", family), ("participations", participation)):
        state = (await town.told(topic, key))[-1]
        assert not [word for word in ("nordufer", DISTRICT) if word in state.model_dump_json()], topic
        rows = [row for row in await town.api.events(CITY, f"registry.{topic}.v1") if row["key"] == f"{CITY}/{key}"]
        assert rows[-1]["erases"] is True
    assert (await town.get(f"families/{family}"))["districts"] == []

    await town.post(f"families/{family}:move", {"district": "nordufer", "since": "2026-01-01"}, **KNOWS)
    assert (await town.told("families", family))[-1].districts == ()
    await town.post(f"families/{family}:move", {"district": "nirgends", "since": "2026-01-02"}, expect=422, **KNOWS)
    lifted = await town.post(f"contacts/{family}:lift", {}, **KNOWS)
    assert (lifted["protected"], lifted["actions"]) == (False, ["change", "protect"])
    values = ["nordufer", DISTRICT, "nordufer"]
    assert [entry.value for entry in (await town.told("families", family))[-1].districts] == values
    assert (await town.told("participations", participation))[-1].district == DISTRICT
    assert (await town.get(f"contacts/{family}?purpose=visit"))["districts"] == {}
    await town.post(f"contacts/{family}:lift", {}, expect=409)


async def test_person_alone_is_protected_in_all_her_participations(town: Town) -> None:
    person = await town.person()
    body = {"person": person, "programme": "paten", "date": "2025-11-17", "site": "haus-awo"}
    first = (await town.post("participations", {**body, "district": DISTRICT}))["id"]
    contact = {"subject": person, "flats": [FLAT], "named": []}
    await town.post("contacts", contact, **KNOWS)
    assert (await town.told("participations", first))[-1].district is None
    await town.post(f"participations/{first}:end", {"on": "2025-11-22", "reason": "needs_met"})
    refusal = await town.post("participations", {**body, "district": DISTRICT}, expect=422)
    assert refusal["errors"][0]["pointer"] == "/district"
    second = (await town.post("participations", body))["id"]
    assert (await town.told("participations", second))[-1].districts == ()
    await town.post(f"contacts/{person}:lift", {}, **KNOWS)
    assert (await town.told("participations", first))[-1].district == DISTRICT


async def test_participation_begun_at_the_same_moment_does_not_tell_the_district(town: Town) -> None:
    families = [await town.family(district=DISTRICT) for _ in range(6)]
    acts = [town.post(f"contacts/{family}:protect", {}, **KNOWS) for family in families]
    _, *begun = await asyncio.gather(asyncio.gather(*acts), *[town.participation(family) for family in families])
    for participation in begun:
        assert (await town.told("participations", participation))[-1].districts == ()


async def _changed(town: Town, family: str, body: Any, **options: Any) -> Any:
    path, headers = f"/v1/cities/{CITY}/contacts/{family}", {"If-Match": '"2"'}
    return await town.ask("PATCH", path, body, headers=headers, **options)


@pytest.mark.parametrize("act", ["protect", "lift"])
async def test_act_on_another_version_is_lost(town: Town, act: str) -> None:
    family, _ = await _family(town)
    path = f"/v1/cities/{CITY}/contacts/{family}:{act}"
    await town.ask("POST", path, {}, headers={"If-Match": '"1"'}, expect=412, **KNOWS)
