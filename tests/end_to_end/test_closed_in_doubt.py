"""A consent is withdrawn while nothing travels: whoever would act on it closes instead, until it is known again."""

from collections.abc import Iterator
from functools import partial
from typing import Final

import pytest

from deploy.demo.client import mentor
from shared.testing.waiting import eventually
from tests.end_to_end import faults
from tests.end_to_end.conftest import House, calling, running
from tests.end_to_end.town import Family, Mentor, Town

MINUTE: Final = 60.0
DAY: Final = "2026-01-25"


@pytest.fixture
def own_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A house of its own, because its broker is killed."""
    with running(tmp_path_factory.mktemp("doubt")) as started:
        yield started


async def test_withdrawal_that_cannot_travel_closes_matching_and_the_mentors_list(own_house: House) -> None:
    async with calling(own_house) as client:
        town = Town(client, "zweifelshafen")
        await town.build()
        helper = await town.mentor("Hanna Beispiel")
        accompanied, asking = await town.family("Nele Beispiel"), await town.family("Omar Beispiel", agrees=False)
        consent = await town.consent(asking.family, asking.person)
        tandem = await town.tandem(helper, accompanied)
        await eventually(partial(_is_shown, town, helper, tandem), within=MINUTE, every=0.5)
        await eventually(partial(_doors, town, helper, asking), until=_open, within=MINUTE, every=0.5)

        async with faults.killed(own_house, "kafka-1"):
            await town.post("registry", f"consents/{consent}:withdraw")
            await eventually(partial(_doors, town, helper, asking), until=_closed, within=MINUTE, every=0.5)
            begun = await _by_hand(town, helper, asking)
            assert begun == (503, "consents-stale")
            await eventually(partial(_list_is_closed, town, helper), within=MINUTE, every=0.5)

        await eventually(partial(_by_hand, town, helper, asking), until=_refused, within=MINUTE, every=0.5)
        await eventually(partial(_is_shown, town, helper, tandem), within=MINUTE, every=0.5)


async def _doors(town: Town, helper: Mentor, family: Family) -> tuple[tuple[int, str], ...]:
    """What asking for candidates and holding a round are answered."""
    asked = {"participation": family.participation, "date": DAY}
    found = await town.call("matching", "GET", "candidates", params=asked, refused=(404, 503))
    held = await town.call("matching", "POST", "rounds", {"programme": town.programme, "date": DAY}, refused=_NOT_YET)
    return (found.status, found.code), (held.status, held.code)


def _open(doors: tuple[tuple[int, str], ...]) -> bool:
    return [status for status, _ in doors] == [200, 201]


def _closed(doors: tuple[tuple[int, str], ...]) -> bool:
    return set(doors) == {(503, "consents-stale")}


async def _by_hand(town: Town, helper: Mentor, family: Family) -> tuple[int, str]:
    body = {"engagement": helper.engagement, "participation": family.participation, "date": DAY}
    answer = await town.call("matching", "POST", "tandems", body, refused=(409, 422, 503))
    return answer.status, answer.code


def _refused(answer: tuple[int, str]) -> bool:
    assert answer in {(503, "consents-stale"), (422, "consent")}, "it never begins after the withdrawal"
    return answer == (422, "consent")


async def _is_shown(town: Town, helper: Mentor, tandem: str) -> bool:
    path = f"cities/{town.city}/mentors/me/families"
    answer = await town.client.call(mentor(town.city, helper.person), "registry", "GET", path, refused=(503,))
    return [item["tandem"] for item in answer.json.get("items", [])] == [tandem]


async def _list_is_closed(town: Town, helper: Mentor) -> bool:
    path = f"cities/{town.city}/mentors/me/families"
    answer = await town.client.call(mentor(town.city, helper.person), "registry", "GET", path, refused=(503,))
    return answer.code == "tandems-stale" and "items" not in answer.json


_NOT_YET: Final = (404, 409, 503)
