"""Special topics: told as opaque tokens, and only while both consents stand."""

import json
from datetime import timedelta

import pytest_asyncio

from services.registry.commands.consents import tell_expired_consents, withdraw_consent
from shared.storage.store import Store
from tests.integration.api_parts import Api
from tests.integration.registry.town import Town

CITY = "vertrauenstadt"


@pytest_asyncio.fixture(scope="module")
async def town(api: Api) -> Town:
    made = Town(api, CITY)
    await made.build()
    await made.post(
        "programmes",
        {
            "slug": "kreis-sieben",
            "name": "Kreis Sieben",
            "special": True,
            "telling_name": "Eltern behinderter Kinder",
            "topics": ["counselling", "disability"],
            "special_topics": ["disability"],
        },
        role="city",
    )
    return made


async def test_nothing_telling_leaves_registry(town: Town) -> None:
    await town.participation(await town.family(), "kreis-sieben", topics=["disability", "counselling"])
    rows = await town.api.store.mongo.city(CITY)["outbox"].find({}).to_list(None)
    told = b"".join(row["value"] for row in rows if row["value"])
    assert b"counselling" in told
    assert b"disability" not in told
    assert b"behinderter" not in told
    programme = await town.api.store.mongo.city(CITY)["programmes"].find_one({"_id": "kreis-sieben"})
    assert "disability" not in str(programme)
    opened = await town.get("programmes/kreis-sieben/sealed?purpose=planning")
    assert (opened["telling_name"], opened["special_topics"]) == ("Eltern behinderter Kinder", ["disability"])
    assert "disability" not in json.dumps(await town.get("programmes/kreis-sieben"))


async def test_token_is_told_only_while_both_consents_stand(town: Town) -> None:
    family = await town.family()
    participation = await town.participation(family, "kreis-sieben", topics=["disability"])
    await town.post("consents", _consent(family, "matching"))
    assert await _specials(town, "participations", participation) == [(), ()]
    special = await town.post("consents", _consent(family, "special_category"))
    token = (await _specials(town, "participations", participation))[-1]
    assert len(token) == 1
    await town.post(f"consents/{special['id']}:withdraw", {})
    assert (await _specials(town, "participations", participation))[-1] == ()
    withdrawn = (await town.told("consents", special["id"]))[-1]
    assert withdrawn.withdrawn_at is not None
    await town.post(f"consents/{special['id']}:withdraw", {}, expect=409)

    engagement = await town.engagement(await town.person(), "kreis-sieben", topics=["disability"])
    for purpose in ("matching", "special_category"):
        await town.post("consents", _consent(engagement, purpose))
    assert (await _specials(town, "engagements", engagement))[-1] == token


async def test_token_is_not_told_after_a_consent_that_was_withdrawn_at_the_same_moment(town: Town) -> None:
    """A participation begins while a consent is withdrawn that it would rest on; neither sees the other."""
    family = await town.family()
    await town.post("consents", _consent(family, "matching"))
    special = await town.post("consents", _consent(family, "special_category"))
    participation = await town.at_the_same_moment(
        lambda work: withdraw_consent(work, special["id"]),
        lambda: town.participation(family, "kreis-sieben", topics=["disability"]),
    )
    assert (await _specials(town, "participations", participation))[-1] == ()


async def test_token_is_taken_back_when_a_consent_expires(town: Town) -> None:
    family = await town.family()
    participation = await town.participation(family, "kreis-sieben", topics=["disability"])
    await town.post("consents", _consent(family, "matching"))
    await town.post("consents", {**_consent(family, "special_category"), "expires_on": "2099-01-01"})
    assert len((await _specials(town, "participations", participation))[-1]) == 1
    store = town.api.store
    assert await tell_expired_consents(store) == 0
    later = Store(store.mongo, b"", store._layout, clock=lambda: store.clock() + timedelta(days=40_000))
    assert await tell_expired_consents(later) >= 1
    assert (await _specials(town, "participations", participation))[-1] == ()


async def test_special_topic_cannot_be_a_wish_and_unknown_topics_are_refused(town: Town) -> None:
    family = await town.family()
    body = {"family": family, "programme": "kreis-sieben", "date": "2025-11-17"}
    await town.post("participations", {**body, "wishes": ["disability"]}, expect=422)
    await town.post("participations", {**body, "topics": ["knitting"]}, expect=422)


async def _specials(town: Town, topic: str, key: str) -> list[tuple[str, ...]]:
    return [state.special for state in await town.told(topic, key)]


def _consent(subject: str, purpose: str) -> dict[str, object]:
    return {
        "subject": subject,
        "purpose": purpose,
        "capacity": "self",
        "text": "consent_text",
        "text_language": "uk",
        "how": "in_writing",
        "given_on": "2025-11-17",
    }
