"""P3, Die offizielle Nachbarin: a neighbour asks for help, a volunteer is found for her, and what was done counts."""

from typing import Any, Final

from deploy.demo.client import Client
from tests.end_to_end.matching import act, by_hand, held_round, pair, proposal_of, reasons_of, why_not
from tests.end_to_end.town import Guest, Json, Mentor, Town, days_ago

SERVICES: Final = ("housework", "learning_german")
WOMAN: Final[Json] = {"gender": "f", "gender_wish": "f"}


async def test_neighbour_who_wishes_a_woman_is_helped_by_one_and_without_consent_nobody_is_paired(
    client: Client,
) -> None:
    town = Town(client, "nachbarhafen", days_ago(300), programme="offizielle-nachbarin")
    await town.build(name="Die offizielle Nachbarin", topics=list(SERVICES), services=list(SERVICES))

    # The project teaches no modules, so nobody needs a certificate; the clearance is asked of all.
    nora = await _volunteer(town, "Nora Beispiel", **WOMAN)
    georg = await _volunteer(town, "Georg Beispiel", gender="m")
    vera = await _volunteer(town, "Vera Beispiel", cleared=False, gender="f")

    # Three neighbours: a woman who wishes a woman, a man, and one who has not agreed to be matched.
    alma = await town.guest("Alma Beispiel", topics=["learning_german"], waiting_since=days_ago(20), **WOMAN)
    emil = await town.guest("Emil Beispiel", topics=["housework"], waiting_since=days_ago(200), gender="m")
    silke = await town.guest("Silke Beispiel", agrees=False, topics=["housework"], gender="f")
    held = await held_round(town, {pair(nora, alma), pair(georg, emil)}, silent=[silke], unavailable=[vera])
    assert [one["rule"] for one in held["unavailable"]] == ["clearance"]
    assert reasons_of(held, silke)["consent"] == 2

    # The wish counts on both sides, though he has waited longer; nothing of the other side is told.
    assert await _reason(town, georg, alma) == {"rule": "gender", "wished": "f"}
    assert await _reason(town, nora, emil) == {"rule": "gender", "wished": "f", "by": "mentor"}
    refused = await by_hand(town, georg, silke, days_ago(0))
    assert (refused.status, refused.code) == (422, "consent")

    # Alma's request goes to whoever was found for her. It is brokered and fulfilled.
    begun = await act(town, f"proposals/{proposal_of(held, nora, alma)['id']}", "accept", {"date": days_ago(15)})
    asked = await _request(town, "learning_german", participation=alma.participation)
    given = await _brokered(town, asked, by="volunteer", engagement=begun["engagement"])
    assert (given["state"], given["engagement"], given["district"]) == ("brokered", nora.engagement, "nordufer")
    await _fulfilled(town, asked)

    # What Silke asked for is served by the house itself, without a word about her. A third is still open.
    served = await _request(town, "housework", site=town.places[0].site)
    assert (await _brokered(town, served, by="own"))["participation"] is None
    await _fulfilled(town, served)
    await _request(town, "housework", site=town.places[0].site)
    figures = await town.figures_with(requests=3, requests_brokered=1, requests_own=1, requests_fulfilled=2, tandems=1)
    done = {row["value"]: row["count"] for table in figures["tables"] for row in table["rows"] if _is_of(table)}
    assert done == {"learning_german": 1, "housework": 1}


async def _volunteer(town: Town, name: str, *, cleared: bool = True, **fields: Any) -> Mentor:
    """A woman or man with two places who speaks German and helps with everything in the catalogue."""
    body: Json = {"role": "volunteer", "languages": {"de": "native"}, "topics": list(SERVICES), "capacity": 2}
    return await town.mentor(name, cleared=cleared, **(body | fields))


async def _reason(town: Town, helper: Mentor, helped: Guest) -> Json:
    """Why not, without its words."""
    reason = (await why_not(town, helper, helped))["reason"]
    return {name: value for name, value in reason.items() if name not in ("title", "sentence")}


async def _request(town: Town, service: str, **where: str) -> str:
    body = {"programme": town.programme, "service": service, "date": days_ago(14), "how_often": "weekly"}
    return str((await town.post("visits", "requests", body | where))["id"])


async def _brokered(town: Town, request: str, **to: str) -> Json:
    found: Json = await town.post("visits", f"requests/{request}:broker", to)
    return found


async def _fulfilled(town: Town, request: str) -> None:
    done = await town.post("visits", f"requests/{request}:fulfil", {"on": days_ago(7)})
    assert done["state"] == "fulfilled"


def _is_of(table: Json) -> bool:
    return (table["code"], table["by"]) == ("requests_fulfilled", "service")
