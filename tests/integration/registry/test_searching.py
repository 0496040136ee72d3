"""People are found by name and id over sealed values: in reach, ranked, paged, audited; and warned of at entry."""

import asyncio
import base64
from typing import Any

import bson
import pytest
import pytest_asyncio

from services.registry.commands.search_tokens import make_missing_tokens
from services.registry.domain.duplicates import entered
from services.registry.queries.search import MOST_CANDIDATES, candidates_of_each
from shared.kernel.ids import new_id
from tests.integration.api_parts import Api
from tests.integration.registry.town import Town

CITY = "findestadt"


@pytest_asyncio.fixture(scope="module")
async def town(api: Api) -> Town:
    made = Town(api, CITY)
    await made.build()
    return made


async def _registered(town: Town, name: str, **more: Any) -> str:
    return str((await town.post("people", {"as_documented": name, **more}))["id"])


async def _found(town: Town, query: dict[str, str], **options: Any) -> list[tuple[str, str]]:
    """Ids and levels, all pages of two."""
    found: list[tuple[str, str]] = []
    page: dict[str, Any] = {"next": ""}
    while page["next"] is not None:
        more = f"&cursor={page['next']}" if page["next"] else ""
        page = await town.post(f"people:search?limit=2{more}", query, **options)
        assert len(page["items"]) == 2 or page["next"] is None
        found += [(item["id"], item["match"]) for item in page["items"]]
    return found


async def _reads(town: Town, purpose: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = await town.api.store.mongo.city(CITY)["audit"].find({"purpose": purpose}).to_list(None)
    return rows


async def test_name_is_found_in_every_spelling_nearest_first_over_pages(town: Town) -> None:
    own = await _registered(town, "Юлія Суховій")
    latin = await _registered(town, "Yuliia Suchowij")
    double = await _registered(town, "Anna-Julia Suhovii", call_name="Juli")
    start = await _registered(town, "Juliusz Suhowolski")
    await _registered(town, "Oksana Suhovii")
    levels = {own: "similar", latin: "similar", double: "exact", start: "start"}
    found = await _found(town, {"name": "julia suhovii"})
    assert found[0] == (double, "exact")
    assert sorted(found[1:3]) == sorted([(own, "similar"), (latin, "similar")])
    assert dict(found) == {key: level for key, level in levels.items() if key != start} | {start: "start"}
    assert [level for _, level in await _found(town, {"name": "Юлія Суховій"})][:2] == ["exact", "similar"]
    (hit,) = (await town.post("people:search", {"name": "Юлія Суховій"}))["items"][:1]
    assert (hit["name"], hit["as_documented"], hit["actions"]) == ("Юлія Суховій", "Юлія Суховій", ["open", "change"])


async def test_changed_name_is_found_and_the_former_is_not(town: Town) -> None:
    person = await _registered(town, "Gül Mürrwasser")
    path = f"/v1/cities/{CITY}/people/{person}"
    await town.ask("PATCH", path, {"as_documented": "Gül Tauwetter"}, headers={"If-Match": '"1"'})
    assert await _found(town, {"name": "Muerrwasser"}) == []
    assert await _found(town, {"name": "guel tauwetter"}) == [(person, "exact")]


async def test_id_is_found_by_its_beginning(town: Town) -> None:
    person = await _registered(town, "Ida Beispiel")
    assert await _found(town, {"id": person}) == [(person, "id")]
    assert (person, "id") in await _found(town, {"id": person[:9]})


@pytest.mark.parametrize(
    ("query", "pointer", "code"),
    [
        ({"name": "a"}, "/name", "too-short"),
        ({"name": "-' .ö"}, "/name", "too-short"),
        ({}, "/name", "missing"),
        ({"name": "Anna", "id": "per_3c9k"}, "/name", "missing"),
        ({"id": "per_3"}, "/id", "wrong-form"),
        ({"id": "fam_3c9k"}, "/id", "wrong-form"),
        ({"name": ["Anna"]}, "/name", "wrong-type"),
        ({"surname": "Anna"}, "/surname", "unknown-field"),
    ],
)
async def test_too_little_or_odd_questions_are_refused(
    town: Town, query: dict[str, Any], pointer: str, code: str
) -> None:
    refused = await town.post("people:search", query, expect=422)
    assert [(one["pointer"], one["code"]) for one in refused["errors"]] == [(pointer, code)]


async def test_cursor_is_good_for_its_own_question_only(town: Town) -> None:
    for name in ("Wanda Kurz", "Wanda Lang", "Wanda Breit"):
        await _registered(town, name)
    page = await town.post("people:search?limit=1", {"name": "Wanda"})
    cursor = page["next"]
    await town.post(f"people:search?limit=1&cursor={cursor}", {"name": "wanda "})
    refused = await town.post(f"people:search?limit=1&cursor={cursor}", {"name": "Kurz"}, expect=400)
    assert refused["code"] == "cursor-form"


async def test_others_carriers_people_are_not_found_and_only_hits_are_opened(town: Town) -> None:
    here, there = await _registered(town, "Svenja Nordlicht"), await _registered(town, "Svenja Suedlicht")
    await town.engagement(here, site="haus-awo")
    await town.participation(await town.family(there), site="haus-insel")
    assert await _found(town, {"name": "Svenja"}, carrier="awo") == [(here, "exact")]
    assert await _found(town, {"name": "Svenja"}, carrier="insel") == [(there, "exact")]
    assert await _found(town, {"id": there}, carrier="awo") == []
    before = len(await _reads(town, "search"))
    assert sorted(await _found(town, {"name": "Svenja"})) == sorted([(here, "exact"), (there, "exact")])
    rows = (await _reads(town, "search"))[before:]
    assert {row["object"] for row in rows} == {here, there}
    assert {(row["action"], tuple(row["fields"]), row["role"]) for row in rows} == {
        ("sealed.read", ("name",), "coordinator")
    }
    others: list[tuple[str, dict[str, Any]]] = [("city", {}), ("mentor", {"person": here}), ("auditor", {})]
    for role, limits in others:
        await town.post("people:search", {"name": "Svenja"}, role=role, expect=403, **limits)


async def test_entry_warns_of_who_may_be_the_same(town: Town) -> None:
    first = await town.post("people", {"as_documented": "Yuliia Honchar", "birth_date": "1990-05-17"})
    assert (first["possible_duplicates"], first["duplicate_elsewhere"]) == ([], False)
    body = {"as_documented": "Юлія Гончар", "birth_date": "1990-05-17"}
    asked = await town.post("people:check", body)
    expected = [{"id": first["id"], "reasons": ["similar_name", "same_birthday"]}]
    assert asked == {"possible_duplicates": expected, "duplicate_elsewhere": False}
    second = await town.post("people", body)
    assert second["possible_duplicates"] == expected
    both = (await town.post("people:check", {"as_documented": "Julia Gontschar"}))["possible_duplicates"]
    assert {one["id"] for one in both} == {second["id"]}
    compared = [row for row in await _reads(town, "duplicates") if row["object"] == first["id"]]
    assert [row["action"] for row in compared] == ["person.compared", "person.compared"]


async def test_people_who_are_registered_at_the_same_moment_are_each_told_and_noted_once(town: Town) -> None:
    ids = [new_id("per") for _ in range(8)]
    async with town.api.client("coordinator", CITY) as client:

        async def register(person: str, key: str) -> int:
            answer = await client.post(
                f"/v1/cities/{CITY}/people",
                json={"id": person, "as_documented": f"Gleichzeitig {person[4:8]}"},
                headers={"Idempotency-Key": key},
            )
            return answer.status_code

        same = await asyncio.gather(*(register(person, f"key-{person}") for person in ids))
        repeated = await asyncio.gather(*(register(person, f"key-{person}") for person in ids))
        twice = await asyncio.gather(*(register(ids[0], f"another-{number}") for number in range(3)))
    assert (same, repeated, twice) == ([201] * 8, [201] * 8, [409] * 3)
    noted = town.api.store.mongo.city(CITY)["audit"]
    for person in ids:
        assert len(await town.told("persons", person)) == 1
        assert await noted.count_documents({"object": person, "action": "person.person-registered"}) == 1


@pytest.mark.parametrize("crowd", [3, 60])
async def test_who_is_entered_beside_others_is_warned_of_her_own(town: Town, crowd: int) -> None:
    """One read for all who are entered at once; each for herself where a crowd would hide somebody."""
    family, born = ("Beispielnik", "1971-03-04") if crowd < MOST_CANDIDATES else ("Musterinski", "1982-05-06")
    await asyncio.gather(*(_registered(town, f"Wasyl {family}") for _ in range(crowd)))
    known = await _registered(town, f"Fedora {family}mann", birth_date=born)
    reader, key = town.api.store.reader(CITY), await town.api.store.city_key(CITY, "search")
    identities = [
        {"as_documented": f"Wasyl {family}"},
        {"as_documented": f"Fedora {family}mann", "birth_date": born},
        {"as_documented": "Gundula Niemandes"},
    ]
    crowded, seen, alone = await candidates_of_each(reader, [entered(key, identity) for identity in identities])
    assert len(crowded) == min(crowd, MOST_CANDIDATES)
    assert {candidate.reasons for candidate in crowded} == {("same_name",)}
    assert [(candidate.person.id, candidate.reasons) for candidate in seen] == [(known, ("same_name", "same_birthday"))]
    assert alone == []


async def test_erased_id_never_comes_back(town: Town) -> None:
    person = await _registered(town, "Rita Rueckkehr")
    await town.post("erasures", {"subject": person})
    body = {"as_documented": "Rita Rueckkehr", "id": person}
    assert (await town.post("people", body, expect=409))["code"] == "already-exists"


async def test_new_year_is_no_evidence(town: Town) -> None:
    for name in ("Amira Ersttag", "Zeynep Ersttag"):
        made = await town.post("people", {"as_documented": name, "birth_date": "1988-01-01"})
        assert made["possible_duplicates"] == [], name
    third = await town.post("people", {"as_documented": "Amira Ersttag", "birth_date": "1988-01-01"})
    assert [one["reasons"] for one in third["possible_duplicates"]] == [["same_name"]]


async def test_of_people_out_of_reach_it_is_said_that_there_is_one_and_never_who(town: Town) -> None:
    person = await _registered(town, "Nadja Fernweh", birth_date="1985-03-02")
    await town.engagement(person, site="haus-insel")
    body = {"as_documented": "Nadia Fernweh", "birth_date": "1985-03-02"}
    for answer in (
        await town.post("people:check", body, carrier="awo"),
        await town.post("people", body, carrier="awo"),
    ):
        assert (answer["possible_duplicates"], answer["duplicate_elsewhere"]) == ([], True)
        assert person not in str(answer)
    asked = await town.post("people:check", {"as_documented": "Nadia Muster"}, carrier="awo")
    assert asked == {"possible_duplicates": [], "duplicate_elsewhere": False}


async def test_erased_person_is_found_no_more_and_leaves_no_token(town: Town) -> None:
    person = await _registered(town, "Vera Vergessen")
    tokens = (await _document(town, person))["tokens"]
    await town.post("erasures", {"subject": person})
    assert await _found(town, {"name": "Vera Vergessen"}) == []
    assert await town.api.store.mongo.city(CITY)["people"].count_documents({"tokens": {"$all": tokens}}) == 0
    assert (await town.post("people:check", {"as_documented": "Vera Vergessen"}))["possible_duplicates"] == []


async def test_who_was_registered_before_there_were_tokens_gets_them_once(town: Town) -> None:
    person = await _registered(town, "Frieda Vorher", birth_date="1950-07-08")
    people = town.api.store.mongo.city(CITY)["people"]
    made = await _document(town, person)
    await people.update_one({"_id": person}, {"$unset": {"tokens": "", "tokens_form": ""}})
    assert await _found(town, {"name": "Frieda Vorher"}) == []
    assert await make_missing_tokens(town.api.store) >= 1
    assert await _document(town, person) == made
    assert await _found(town, {"name": "Frieda Vorher"}) == [(person, "exact")]
    reads = [row for row in await _reads(town, "search_tokens") if row["object"] == person]
    assert [row["action"] for row in reads] == ["sealed.read", "person.tokens-made"]
    assert await make_missing_tokens(town.api.store) == 0
    assert len(await town.told("persons", person)) == 1


async def test_no_name_is_readable_in_database_events_logs_and_addresses(
    town: Town, capfd: pytest.CaptureFixture[str]
) -> None:
    hidden = ("Kunigunde", "Geheimnis", "Кунигунда", "Gundi", "Rätsel", "raetsel")
    capfd.readouterr()
    await town.post("people:check", {"as_documented": "Kunigunde Geheimnis"})
    name = {"as_documented": "Kunigunde Geheimnis", "own_script": "Кунигунда", "variants": ["Gundi Rätsel"]}
    for _ in range(2):
        await town.post("people", name)
    await town.post("people", {**name, "id": "per_x"}, expect=422)
    async with town.api.client("coordinator", CITY) as client:
        page = await client.post(f"/v1/cities/{CITY}/people:search?limit=1", json={"name": "Kunigunde"})
        await client.post(f"/v1/cities/{CITY}/people:search", json={"name": "Kunigunde", "id": "per_x"})
    cursor = page.json()["next"]
    told = {
        "log": "".join(capfd.readouterr()).encode(),
        "address": f"{page.request.url} {page.headers['link']}".encode(),
        "cursor": base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)),
    }
    database = town.api.store.mongo.city(CITY)
    for collection in await database.list_collection_names():
        rows = await database[collection].find().to_list(None)
        told[collection] = b"".join(bson.encode(row, codec_options=database.codec_options) for row in rows)
    assert {"people", "outbox", "audit", "keys"} <= set(told)
    for text in hidden:
        forms = {text.encode().lower(), text.casefold().encode(), text.encode("unicode_escape").lower()}
        assert [where for where, content in told.items() if any(form in content.lower() for form in forms)] == [], text


async def _document(town: Town, person: str) -> dict[str, Any]:
    found: dict[str, Any] | None = await town.api.store.mongo.city(CITY)["people"].find_one({"_id": person})
    assert found is not None
    return found
