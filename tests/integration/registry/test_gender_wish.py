"""Either side may wish for a gender: entered, changed, told, and refused where it is none."""

import pytest_asyncio

from tests.integration.api_parts import Api
from tests.integration.registry.town import Town

NAME = "wunschstadt"


@pytest_asyncio.fixture(scope="module")
async def town(api: Api) -> Town:
    made = Town(api, NAME)
    await made.build()
    return made


async def test_wish_and_gender_of_both_sides_are_kept_changed_and_told(town: Town) -> None:
    engagement = await town.engagement(await town.person(), gender="f", gender_wish="f")
    participation = await town.participation(await town.family(), gender="m")
    for path, before, change in (
        (f"engagements/{engagement}", ("f", "f"), {"gender_wish": None}),
        (f"participations/{participation}", ("m", None), {"gender": "f", "gender_wish": "m"}),
    ):
        seen = await town.get(path)
        assert (seen["gender"], seen["gender_wish"]) == before
        headers = {"If-Match": f'"{seen["version"]}"'}
        changed = await town.ask("PATCH", f"/v1/cities/{NAME}/{path}", change, headers=headers)
        kind, key = path.split("/")
        told = (await town.told(kind, key))[-1]
        assert (changed["gender"], changed["gender_wish"]) == (told.gender, told.gender_wish)
        assert (told.gender, told.gender_wish) == (change.get("gender", before[0]), change["gender_wish"])


async def test_other_genders_are_refused_by_name(town: Town) -> None:
    body = {"programme": "paten", "date": "2025-11-17", "role": "volunteer", "person": await town.person()}
    problem = await town.post("engagements", {**body, "gender_wish": "any"}, expect=422)
    assert [one["pointer"] for one in problem["errors"]] == ["/gender_wish"]
    body = {"programme": "paten", "date": "2025-11-17", "family": await town.family()}
    problem = await town.post("participations", {**body, "gender": "any"}, expect=422)
    assert [one["pointer"] for one in problem["errors"]] == ["/gender"]
