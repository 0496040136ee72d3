"""The attendance of her last module, and no other call, makes a trainee appear in the next round of proposals."""

from functools import partial
from typing import Any, Final

from deploy.demo.client import Client
from shared.testing.waiting import eventually
from tests.end_to_end.town import Family, Mentor, Town

CODES: Final = ("education", "health", "violence", "communication", "resilience", "family")
MODULES: Final = tuple({"code": code, "title": code.title(), "topics": ["health"]} for code in CODES)
DAY: Final = "2026-01-25"


async def test_last_attendance_alone_brings_a_trainee_into_the_next_round(client: Client) -> None:
    town = Town(client, "modulhafen", modules=MODULES)
    await town.build(certification="automatic")
    body = {"programme": town.programme, "name": "2026", "opened_on": town.begin}
    cohort = (await town.post("registry", "cohorts", body))["id"]
    trainee = await town.mentor("Amal Beispiel", cohort=cohort)
    family = await town.family("Nele Beispiel")
    for module in CODES[:-1]:
        await _attends(town, cohort, trainee, module)
    await eventually(partial(_reason, town, trainee, family), until=_one_is_missing, within=30, every=0.3)
    held = await town.call("matching", "POST", "rounds", {"programme": town.programme, "date": DAY})
    assert (held.json["proposals"], [row["id"] for row in held.json["waiting"]]) == ([], [family.participation])

    await _attends(town, cohort, trainee, CODES[-1])
    await eventually(partial(_proposed, town), until=lambda found: found == [trainee.engagement], within=30, every=0.3)


async def _attends(town: Town, cohort: str, trainee: Mentor, module: str) -> None:
    body = {"cohort": cohort, "engagement": trainee.engagement, "module": module, "date": "2026-01-12"}
    await town.post("registry", "attendances", body | {"state": "present", "minutes": 180})


async def _reason(town: Town, trainee: Mentor, family: Family) -> dict[str, Any]:
    """Why she is no candidate for the family."""
    asked = {"participation": family.participation, "date": DAY}
    found = await town.call("matching", "GET", "candidates", params=asked, refused=(404, 409, 503))
    others = {row["engagement"]: row["reason"] for row in found.json.get("others", [])}
    reason: dict[str, Any] = others.get(trainee.engagement, {})
    return reason


def _one_is_missing(reason: dict[str, Any]) -> bool:
    return (reason.get("rule"), reason.get("modules")) == ("qualification", [CODES[-1]])


async def _proposed(town: Town) -> list[str]:
    body = {"programme": town.programme, "date": DAY}
    held = await town.call("matching", "POST", "rounds", body, refused=(409, 503))
    return [row["engagement"] for row in held.json.get("proposals", [])]
