"""A consent given or withdrawn over HTTP counts in matching within a minute, whatever was proposed before."""

from functools import partial
from typing import Final

from deploy.demo.client import Client
from shared.testing.waiting import eventually
from tests.end_to_end.town import Family, Town

MINUTE: Final = 60.0
DAY: Final = "2026-01-25"


async def test_consent_opens_matching_and_its_withdrawal_closes_it_within_a_minute(client: Client) -> None:
    town = Town(client, "jawortau")
    await town.build()
    helper = await town.mentor("Hanna Beispiel")
    family = await town.family("Nele Beispiel", agrees=False)
    await eventually(partial(_waits_for_consent, town, family), within=MINUTE, every=0.5)
    by_hand = {"engagement": helper.engagement, "participation": family.participation, "date": DAY}
    refused = await town.call("matching", "POST", "tandems", by_hand, refused=(409, 422))
    assert refused.code == "consent"

    consent = await town.consent(family.family, family.person)
    await eventually(partial(_is_proposed, town, family), within=MINUTE, every=0.5)
    await town.post("registry", f"consents/{consent}:withdraw")
    # Who takes it back is not proposed any more, nor kept on the list of those who wait.
    await eventually(partial(_is_nowhere, town), within=MINUTE, every=0.5)
    again = await town.call("matching", "POST", "tandems", by_hand, refused=(409, 422))
    assert again.code == "consent"


async def _waits_for_consent(town: Town, family: Family) -> bool:
    answer = await town.call("matching", "POST", "rounds", {"programme": town.programme, "date": DAY}, refused=_NOT_YET)
    rows = {row["id"]: [reason["rule"] for reason in row["reasons"]] for row in answer.json.get("waiting", [])}
    return "consent" in rows.get(family.participation, [])


async def _is_proposed(town: Town, family: Family) -> bool:
    answer = await town.call("matching", "POST", "rounds", {"programme": town.programme, "date": DAY}, refused=_NOT_YET)
    return [row["participation"] for row in answer.json.get("proposals", [])] == [family.participation]


async def _is_nowhere(town: Town) -> bool:
    answer = await town.call("matching", "POST", "rounds", {"programme": town.programme, "date": DAY}, refused=_NOT_YET)
    return (answer.json.get("proposals"), answer.json.get("waiting")) == ([], [])


_NOT_YET: Final = (404, 409, 503)
