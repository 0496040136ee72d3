"""What is known of somebody is entered as it is known: one name, her own script, part of a date, the right language."""

from typing import Any

import pytest
import pytest_asyncio

from tests.integration.api_parts import Api
from tests.integration.registry.town import Town


@pytest_asyncio.fixture(scope="module")
async def town(api: Api) -> Town:
    made = Town(api, "aufnahmestadt")
    await made.build()
    return made


@pytest.mark.parametrize("born", ["1990", "1990-05", "1990-05-17", "1990-05-17?", "1990~", None])
async def test_birth_is_kept_as_exactly_as_it_is_known(town: Town, born: str | None) -> None:
    person = (await town.post("people", {"as_documented": "Mahmood", "birth_date": born}))["id"]
    assert (await town.get(f"people/{person}?purpose=contact"))["identity"]["birth_date"] == born


@pytest.mark.parametrize("born", ["17.5.1990", "1990-13", "1990-02-30", "unbekannt"])
async def test_what_is_no_date_is_refused_by_name(town: Town, born: str) -> None:
    refused = await town.post("people", {"as_documented": "Mahmood", "birth_date": born}, expect=422)
    assert [error["pointer"] for error in refused["errors"]] == ["/birth_date"]
    assert born not in str(refused)


async def test_one_name_is_enough_and_her_own_script_stands_beside_it(town: Town) -> None:
    body = {"as_documented": "Gulnara", "own_script": "گلنارا", "variants": ["Gülnara"]}
    person = (await town.post("people", body))["id"]
    opened = (await town.get(f"people/{person}?purpose=contact"))["identity"]
    assert {name: opened[name] for name in body} == body
    await town.post("people", {"as_documented": ""}, expect=422)


async def test_languages_that_are_near_are_not_one(town: Town) -> None:
    spoken: dict[str, Any] = {"ckb": "native", "kmr": "A2", "fa": "B1", "fa-AF": "C1"}
    family = await town.family(await town.person(), languages=spoken)
    read = (await town.get(f"families/{family}"))["languages"]
    assert read == spoken
    told = (await town.told("participations", await town.participation(family)))[-1]
    assert told.levels == spoken
    refused = await town.post("families", {"persons": [], "languages": {"ku": "native"}}, expect=422)
    (error,) = [one for one in refused["errors"] if one["pointer"].startswith("/languages")]
    assert "ckb" in error["expected"]
    assert "kmr" in error["expected"]
