"""The year of a cohort of Stadtteilmütter: from the opening of the city to the sealed report. Read it as a story."""

from typing import Any

from deploy.demo.client import Client, city_office, mentor
from shared.testing.waiting import eventually
from tests.end_to_end.town import MODULES, Family, Mentor, Town, numbers

BEGIN = "2025-10-01"


async def test_a_cohort_is_qualified_visits_families_and_is_reported(client: Client) -> None:
    town = Town(client, "buchenau", begin=BEGIN, modules=MODULES)

    # October: the programme begins. Two mothers join the qualification.
    await town.build(targets=[{"indicator": "mentors_certified", "at_least": 2}])
    cohort = (await town.post("registry", "cohorts", _cohort(town)))["id"]
    amina = await town.mentor("Amina Beispiel", cohort=cohort)
    daria = await town.mentor("Daria Beispiel", cohort=cohort)

    # By January Amina has attended everything; Daria missed a module, and nobody can certify her.
    for module in ("education", "health"):
        await _attends(town, cohort, amina, module)
    await _attends(town, cohort, daria, "education")
    due = [(entry["kind"], entry["subject"]) for entry in (await town.get("registry", "due"))["items"]]
    assert due == [("certification", amina.engagement), ("cohort-without-attendance", cohort)]
    await town.post("registry", f"engagements/{amina.engagement}:certify", {"on": "2026-01-20"})
    refused = await town.call(
        "registry", "POST", f"engagements/{daria.engagement}:certify", {"on": "2026-01-20"}, refused=(409, 422)
    )
    assert "health" in refused.content.decode()

    # Three families ask for help with health; one of them has not agreed to be matched.
    hadi = await town.family("Hadi Beispiel", waiting_since="2025-11-01")
    omar = await town.family("Omar Beispiel", agrees=False)
    lina = await town.family("Lina Beispiel", slots=["sun-eve"])

    # A round proposes Amina for the first, and says why the others wait. Daria is proposed to nobody.
    held = await _round(town, waiting={omar.participation: "consent", lina.participation: "availability"})
    (proposal,) = held["proposals"]
    assert (proposal["engagement"], proposal["participation"]) == (amina.engagement, hadi.participation)
    tandem = (await town.post("matching", f"proposals/{proposal['id']}:accept", {"date": "2026-02-01"}))["id"]

    # Amina visits every month. She corrects one entry, and takes back one that she made twice.
    visits = [await town.visit(amina, tandem, date=f"2026-{month:02d}-10") for month in range(2, 8)]
    await _corrects(town, amina, visits[0], {"reason": "wrong_length", "minutes": 120})
    await _takes_back(town, amina, visits[5])
    await town.figures_with(visits=5, visit_minutes=4 * 60 + 120, families_reached=1, mentors_certified=1)

    # September: the aim is reached. The tandem ends, and its family's participation with it.
    await _ends(town, tandem, hadi)

    # The programme ends when no case is open, the report is sealed, and the year is closed.
    assert (await _programme_ends(town))["until"] == "2026-10-01"
    figures = await town.figures_with(visits=5, tandems=1)
    assert figures["targets"] == [
        {"indicator": "mentors_certified", "target": {"at_least": 2}, "actual": 1, "reached_percent": 50}
    ]
    report = await town.post("reporting", "reports", {"programme": town.programme, "title": "Jahresbericht"})
    await town.post("reporting", "periods", {"programme": town.programme, "begin": BEGIN, "until": "2026-10-01"})

    # What Amina finds in her bag afterwards is taken, and changes no number: it is a correction of the closed year.
    late = await town.visit(amina, tandem, date="2026-08-10")
    await town.get("visits", f"visits/{late['id']}")
    await eventually(lambda: _corrected(town, {"visits": (5, 6), "visit_minutes": (360, 420)}), within=30)
    assert (await town.post("reporting", f"reports/{report['id']}:verify"))["valid"]


def _cohort(town: Town) -> dict[str, Any]:
    return {"programme": town.programme, "name": "Qualifizierung 2025/26", "opened_on": BEGIN}


async def _attends(town: Town, cohort: str, trainee: Mentor, module: str) -> None:
    body = {"cohort": cohort, "engagement": trainee.engagement, "module": module, "date": "2025-12-01"}
    await town.post("registry", "attendances", body | {"state": "present", "minutes": 180})


async def _round(town: Town, waiting: dict[str, str]) -> dict[str, Any]:
    """A round, held as soon as everybody has arrived; those who wait have these first reasons."""
    held: dict[str, Any] = {}
    asked = {"programme": town.programme, "date": "2026-01-25"}

    async def proposes() -> bool:
        answer = await town.call("matching", "POST", "rounds", asked, refused=(404, 409, 503))
        held.clear()
        held.update(answer.json)
        left = {row["id"] for row in held.get("waiting", [])}
        return answer.status == 201 and left == waiting.keys() and len(held["proposals"]) == 1

    await eventually(proposes, within=40, every=0.5)
    reasons = {row["id"]: {reason["rule"] for reason in row["reasons"]} for row in held["waiting"]}
    assert {key: reason in reasons[key] for key, reason in waiting.items()} == dict.fromkeys(waiting, True)
    return held


async def _corrects(town: Town, helper: Mentor, visit: dict[str, Any], body: dict[str, Any]) -> None:
    caller, path = mentor(town.city, helper.person), f"cities/{town.city}/visits/{visit['id']}"
    await town.client.call(caller, "visits", "PATCH", path, body, version=visit["version"])


async def _takes_back(town: Town, helper: Mentor, visit: dict[str, Any]) -> None:
    caller, path = mentor(town.city, helper.person), f"cities/{town.city}/visits/{visit['id']}:void"
    await town.client.call(caller, "visits", "POST", path, {"reason": "entered_twice"}, version=visit["version"])


async def _ends(town: Town, tandem: str, family: Family) -> None:
    found = await town.get("matching", f"tandems/{tandem}")
    body = {"on": "2026-09-15", "reason": "goal_reached"}
    await town.call("matching", "POST", f"tandems/{tandem}:end", body, version=found["version"])
    await town.post("registry", f"participations/{family.participation}:end", body)


async def _programme_ends(town: Town) -> dict[str, Any]:
    """Ending at once, ended when matching has told that no tandem runs any more."""
    office = city_office(town.city)
    await town.post("registry", f"programmes/{town.programme}:end", {"until": "2026-10-01"}, caller=office)
    found: dict[str, Any] = {}

    async def over() -> bool:
        found.update(await town.get("registry", f"programmes/{town.programme}", caller=office))
        return bool(found["state"] == "ended")

    await eventually(over, within=30)
    return found


async def _corrected(town: Town, expected: dict[str, tuple[int, int]]) -> bool:
    found = await town.figures()
    corrections = {row["code"]: (row["before"], row["after"]) for row in found["corrections"]}
    return corrections == expected and numbers(found)["visits"] == 5
