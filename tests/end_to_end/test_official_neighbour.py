"""P3, Die offizielle Nachbarin of 2010: 8 were wanted, 18 were won; every week they met. Read it as a story."""

from datetime import date, timedelta
from typing import Any, Final

from deploy.demo.client import Client, city_office
from tests.end_to_end.town import SITE, Town

BEGIN: Final = "2010-03-01"
FUNDERS: Final = [
    "Bundesministerium für Familie, Senioren, Frauen und Jugend",
    "Europäischer Sozialfonds für Deutschland",
    "Europäische Union",
]
MONDAYS: Final = [(date(2010, 3, 8) + timedelta(weeks=week)).isoformat() for week in range(4)]


async def test_eighteen_are_won_where_eight_were_wanted(client: Client) -> None:
    town = Town(client, "weststadt", begin=BEGIN, programme="offizielle-nachbarin")
    await town.build(
        name="Die offizielle Nachbarin",
        until="2011-01-01",
        framework="STÄRKEN vor Ort",
        origin="Mikroprojekt des Mütterzentrums",
        funders=FUNDERS,
        targets=[{"indicator": "volunteers_won", "at_least": 8, "by": "2010-12-31"}],
    )
    await _has_one_coordinator(town)
    engagements = [await _volunteer(town, number) for number in range(18)]
    # Whoever would begin before the first day or after the last is not of this project.
    for day in ("2010-02-28", "2011-01-01"):
        refused = await _begin(town, day, refused=(422,))
        assert refused.code == "outside-programme"
    await _meets_every_week(town, engagements)
    await _has_outcomes(town, engagements)

    figures = await town.figures_with(volunteers_won=18, supported_into_self_employment=2, outcomes=3)
    (target,) = figures["targets"]
    assert (target["target"], target["actual"], target["reached_percent"]) == ({"at_least": 8}, 18, 225)
    printed = await town.call("reporting", "GET", f"programmes/{town.programme}/report", params={"format": "html"})
    text = printed.content.decode()
    for said in (*FUNDERS, "STÄRKEN vor Ort", "mindestens 8", "225"):
        assert said in text, said


async def _has_one_coordinator(town: Town) -> None:
    lead = (await town.post("registry", "people", {"as_documented": "Lena Beispiel"}))["id"]
    found = await town.get("registry", f"programmes/{town.programme}", caller=city_office(town.city))
    assert (found["origin"], found["framework"]) == ("Mikroprojekt des Mütterzentrums", "STÄRKEN vor Ort")
    path = f"programmes/{town.programme}/roles"
    body = {"roles": [{"role": "coordinator", "person": lead, "since": BEGIN}]}
    await town.call("registry", "PUT", path, body, version=found["version"])
    (held,) = (await town.get("registry", path, as_of="2010-06-01"))["roles"]
    assert (held["role"], held["person"], held["deputy"]) == ("coordinator", lead, False)


async def _begin(town: Town, day: str, **options: Any) -> Any:
    person = (await town.post("registry", "people", {"as_documented": "Nora Beispiel"}))["id"]
    body = {"person": person, "programme": town.programme, "role": "volunteer", "date": day, "site": SITE}
    return await town.call("registry", "POST", "engagements", body, **options)


async def _volunteer(town: Town, number: int) -> str:
    day = (date(2010, 3, 1) + timedelta(days=number)).isoformat()
    return str((await _begin(town, day)).json["id"])


async def _meets_every_week(town: Town, engagements: list[str]) -> None:
    series = await town.post(
        "registry",
        "meeting-series",
        {"programme": town.programme, "name": "Gruppentreffen", "first_on": MONDAYS[0], "until": "2010-04-05"}
        | {"weeks": 1, "minutes": 120},
    )
    path = f"meeting-series/{series['id']}/meetings"
    states = ["present"] * 6 + ["excused", "absent"]
    attended = [{"engagement": key, "state": state} for key, state in zip(engagements, states, strict=False)]
    for day in MONDAYS[:3]:
        held = await town.post("registry", path, {"date": day, "attended": attended})
        assert held["minutes"] == 120
    await town.post("registry", path, {"date": MONDAYS[3], "state": "cancelled"})
    found = (await town.get("registry", path))["items"]
    assert [(row["date"], row["state"]) for row in found] == [
        (day, "cancelled" if day == MONDAYS[3] else "held") for day in MONDAYS
    ]
    assert [row["state"] for row in found[0]["attended"]].count("present") == 6


async def _has_outcomes(town: Town, engagements: list[str]) -> None:
    for key, kind, seen in (
        (engagements[0], "self_employment", {"evidence": "business_registration", "evidence_seen_on": "2010-11-02"}),
        (engagements[1], "self_employment", {"evidence": "business_registration", "evidence_seen_on": "2010-11-03"}),
        (engagements[2], "job", {"evidence": "contract", "evidence_seen_on": "2010-11-04"}),
    ):
        body = {"engagement": key, "kind": kind, "date": "2010-11-01", **seen}
        assert (await town.post("registry", "outcomes", body))["evidence"] == seen["evidence"]
