"""A newcomer who becomes a WillkommensPate: one person, one id, two parts with periods; told as it happens."""

from typing import Any

import pytest_asyncio

from shared.kernel.ids import new_id
from tests.integration.api_parts import Api
from tests.integration.registry.families_parts import Tandems, consent_of
from tests.integration.registry.town import Town

CITY = "ankunftstadt"


@pytest_asyncio.fixture(scope="module")
async def town(api: Api) -> Town:
    made = Town(api, CITY)
    await made.build()
    return made


async def test_newcomer_becomes_a_pate_and_stays_the_same_person(town: Town) -> None:
    tandems, oksana = Tandems(town), await town.person("Oksana Beispiel")
    helena = await town.person("Helena Muster")
    accompanied = await _begins_as_newcomer(town, oksana)
    tandem = await tandems.begin(await town.engagement(helena), accompanied)
    (shown,) = (page := await tandems.mine(helena))["items"]
    assert shown["persons"][0] == {"id": oksana, "first_name": "Oksana", "telephone": "0000 1", "messenger": None}

    await town.post(f"participations/{accompanied}:end", {"on": "2026-03-31", "reason": "goals_reached"})
    await tandems.end(tandem, ended_on="2026-03-31")
    later = await tandems.mine(helena, f"?since={page['sync']}")
    assert (later["items"], [row["tandem"] for row in later["forget"]]) == ([], [tandem.id])

    engagement = await _begins_as_pate(town, oksana)
    await _is_one_person_with_two_parts(town, oksana, accompanied, engagement)
    await _accompanies_others_herself(town, tandems, oksana, engagement)
    await _is_forgotten_and_counted(town, oksana, accompanied, engagement)


async def _begins_as_newcomer(town: Town, oksana: str) -> str:
    body: dict[str, Any] = {"person": oksana, "programme": "paten", "date": "2025-11-17", "site": "haus-awo"}
    body |= {"district": "nordufer", "languages": {"uk": "native", "de": "A2"}, "topics": ["flat_search"]}
    participation = str((await town.post("participations", body))["id"])
    await town.post("consents", consent_of(participation))
    # She cannot come a second time while the first goes on, nor be registered under her id again.
    await town.post("participations", body, expect=409)
    await town.post("people", {"id": oksana, "as_documented": "Oksana Beispiel"}, expect=409)
    return participation


async def _begins_as_pate(town: Town, oksana: str) -> str:
    levels = {"uk": "native", "de": "B2"}
    engagement = await town.engagement(oksana, role="willkommenspate", date="2026-04-15", languages=levels)
    given = await town.post("consents", consent_of(engagement, capacity="volunteer", given_on="2026-04-15"))
    # What she agreed to as a newcomer and what as a Pate are two consents: taking back the one leaves the other.
    assert (await town.get(f"consents?subject={engagement}"))["items"][0]["id"] == given["id"]
    await town.post(f"engagements/{engagement}:clear", {"issued_on": "2026-04-01", "seen_on": "2026-04-10"})
    assert (await town.get(f"engagements/{engagement}"))["stage"] == "active"
    return engagement


async def _is_one_person_with_two_parts(town: Town, oksana: str, accompanied: str, engagement: str) -> None:
    taking_part = (await town.get(f"participations?person={oksana}"))["items"]
    engaged = (await town.get(f"engagements?person={oksana}"))["items"]
    assert [(row["id"], row["date"], row["ended_on"]) for row in taking_part] == [
        (accompanied, "2025-11-17", "2026-03-31")
    ]
    assert [(row["id"], row["date"], row["left_on"]) for row in engaged] == [(engagement, "2026-04-15", None)]
    for topic, key in (("participations", accompanied), ("engagements", engagement)):
        state = (await town.told(topic, key))[-1]
        assert (state.person, state.first) == (oksana, True)
    assert len(await town.told("persons", oksana)) == 1
    standing = [
        (await town.get(f"consents?subject={subject}"))["items"][0]["withdrawn_at"]
        for subject in (accompanied, engagement)
    ]
    assert standing == [None, None]
    (consent,) = (await town.get(f"consents?subject={accompanied}"))["items"]
    await town.post(f"consents/{consent['id']}:withdraw", {})
    assert (await town.get(f"consents?subject={engagement}"))["items"][0]["withdrawn_at"] is None


async def _accompanies_others_herself(town: Town, tandems: Tandems, oksana: str, engagement: str) -> None:
    family = await town.family(await town.person("Neda Neu"))
    await town.post("consents", consent_of(family))
    await tandems.begin(engagement, await town.participation(family), date="2026-05-01")
    (item,) = (await tandems.mine(oksana))["items"]
    assert (item["family"], item["persons"][0]["first_name"]) == (family, "Neda")


async def _is_forgotten_and_counted(town: Town, oksana: str, accompanied: str, engagement: str) -> None:
    erasure = (await town.post("erasures", {"subject": oksana}))["id"]
    told = (await town.told("erasures", erasure))[0]
    assert (told.subject, set(told.also)) == (oksana, {accompanied, engagement})
    assert (await town.told("persons", oksana))[-1] is None
    for topic, key, month in (("participations", accompanied, "2025-11-01"), ("engagements", engagement, "2026-04-01")):
        state = (await town.told(topic, key))[-1]
        assert (state.person, state.date, state.first, state.languages) == (None, month, True, ("uk", "de"))
    await town.get(f"people/{oksana}?purpose=visit", expect=404)
    await town.post("people", {"id": oksana, "as_documented": "Wieder Da"}, expect=409)
    body = {"person": new_id("per"), "programme": "paten", "role": "volunteer", "date": "2026-05-01"}
    await town.post("engagements", body, expect=422)
