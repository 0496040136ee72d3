"""P1's and P5's part of registry, told as the programmes do it. P3's is in the end-to-end tests."""

from typing import Any, Final

import pytest_asyncio

from tests.integration.api_parts import Api
from tests.integration.registry.town import Town

CITY: Final = "geschichtenstadt"
TAUGHT: Final = {
    "parent_education": "Löwenschule",
    "violence_prevention": "Schutzverein",
    "communication": "Fachstelle",
    "health": "Hebamme Beispiel",
    "resilience": "Trainerin Beispiel",
    "family_pedagogy": "Familienbildung Beispiel",
}
TONGUES: Final = ("ar", "uk", "ru", "fa")


@pytest_asyncio.fixture(scope="module")
async def town(api: Api) -> Town:
    made = Town(api, CITY)
    await made.build()
    return made


async def test_p1_eleven_mothers_are_qualified_and_only_the_certified_and_cleared_are_active(town: Town) -> None:
    modules = [
        {"code": code, "title": code.title(), "partner": partner, "topics": [code]} for code, partner in TAUGHT.items()
    ]
    await town.post(
        "programmes",
        {"slug": "muetter-elf", "name": "Stadtteilmütter", "begin": "2025-10-01", "modules": modules},
        role="city",
    )
    cohort = (await town.post("cohorts", {"programme": "muetter-elf", "name": "2025", "opened_on": "2025-10-01"}))["id"]
    mothers = [await _mother(town, cohort, number) for number in range(11)]
    for module in TAUGHT:
        for number, mother in enumerate(mothers):
            state = "absent" if (number, module) == (10, "resilience") else "present"
            entry = {"cohort": cohort, "engagement": mother, "module": module, "date": "2025-11-20", "state": state}
            await town.post("attendances", entry)

    due = [row["subject"] for row in (await town.get("due"))["items"] if row["kind"] == "certification"]
    assert sorted(due) == sorted(mothers[:10])
    for mother in mothers[:10]:
        await town.post(f"engagements/{mother}:certify", {"on": "2025-11-24"})
    refused = await town.post(f"engagements/{mothers[10]}:certify", {"on": "2025-11-24"}, expect=422)
    assert (refused["code"], refused["params"]["missing"]) == ("qualification", ["resilience"])

    # Certified is not enough: nobody goes to families without a certificate of good conduct that holds.
    for mother in (*mothers[:9], mothers[10]):
        await town.post(f"engagements/{mother}:clear", {"issued_on": "2025-11-01", "seen_on": "2025-11-17"})
    stages = [(await town.get(f"engagements/{mother}"))["stage"] for mother in mothers]
    assert stages == ["active"] * 9 + ["certified", "in_qualification"]
    told = [(await town.told("engagements", mother))[-1] for mother in mothers]
    assert [set(state.qualified) == set(TAUGHT) for state in told] == [True] * 10 + [False]
    assert {language for state in told for language in state.levels} == {*TONGUES, "de"}


async def _mother(town: Town, cohort: str, number: int) -> str:
    person, tongue = await town.person(f"Mutter {number} Beispiel"), TONGUES[number % len(TONGUES)]
    levels: dict[str, Any] = {tongue: "native", "de": "B1"}
    return await town.engagement(person, "muetter-elf", role="stadtteilmutter", cohort=cohort, languages=levels)


async def test_p5_ended_programmes_stay_readable_and_take_nothing_new(town: Town) -> None:
    for slug in ("lernbegleitung", "lernaktiv"):
        ended = {"slug": slug, "name": slug.title(), "kind": "mentoring", "closed": True}
        await town.post("programmes", ended, role="city")
    await town.post("programmes", {"slug": "startklar", "name": "STARTklar", "kind": "mentoring"}, role="city")
    pupil, helper = await town.person("Pia Beispiel"), await town.person("Bea Beispiel")
    for slug in ("lernbegleitung", "lernaktiv"):
        for path, body in (
            ("engagements", {"person": helper, "role": "bildungsmentor"}),
            ("participations", {"person": pupil, "district": "nordufer"}),
        ):
            refused = await town.post(path, {**body, "programme": slug, "date": "2025-11-17"}, expect=422)
            assert refused["code"] == "outside-programme"
        found = await town.get(f"programmes/{slug}")
        assert (found["state"], found["name"]) == ("ended", slug.title())
    # The one that runs takes both: a pupil is accompanied as herself, without a family.
    await town.engagement(helper, "startklar", role="bildungsmentor")
    body = {"person": pupil, "programme": "startklar", "date": "2025-11-17", "district": "nordufer"}
    assert (await town.post("participations", body))["person"] == pupil
