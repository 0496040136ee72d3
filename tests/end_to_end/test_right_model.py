"""What only a right model survives: correction, sealing, erasure, compaction, and every projection built anew."""

import os
import subprocess
import sys
from dataclasses import dataclass
from typing import Any, Final

from deploy.demo.client import Client, city_office, mentor
from deploy.services import SERVICES
from shared.testing.waiting import eventually
from tests.end_to_end.conftest import House
from tests.end_to_end.town import Family, Mentor, Town, instant, numbers
from tests.end_to_end.traces import found_in, in_databases, in_topic

NAME: Final = "Zerafine Quellmund"
NOTE: Final = "Frau Quellmund sucht eine Wohnung am Siebenschläferweg"
KEPT: Final = "Ottilie Feldspat"


@dataclass(slots=True)
class Before:
    """What was counted and sealed, before anything was erased."""

    figures: dict[str, Any]
    past: dict[str, Any]
    report: str
    content: bytes


async def test_totals_past_and_sealed_report_survive_what_only_the_name_does_not(house: House, client: Client) -> None:
    town, other = Town(client, "lindenau"), Town(client, "kastanienau")
    for each in (town, other):
        await each.build()
    helper, family = await town.mentor("Helga Beispiel"), await town.family(NAME)
    moment = await _visited(town, helper, family)
    there = await _visited(other, await other.mentor("Hanna Beispiel"), await other.family(KEPT))
    before, beside = await _sealed(town, moment), await _sealed(other, there)
    assert numbers(before.past)["visit_minutes"] == 60
    assert numbers(before.figures)["visit_minutes"] == 90

    await _erase(town, family)
    await _compacted(house, family)
    await _rebuilt(house, town, before)

    for each, kept in ((town, before), (other, beside)):
        await _same(each, kept)
    assert found_in(house, NAME, "Quellmund", KEPT) == {NAME: [], "Quellmund": [], KEPT: []}
    person = f"people/{family.person}"
    gone = await town.call("registry", "GET", person, params={"purpose": "contact"}, refused=(404,))
    assert gone.status == 404
    names = await other.post("registry", "people:names", {"ids": [(await _persons(other))]})
    assert list(names["names"].values()) == [KEPT]


async def _visited(town: Town, helper: Mentor, family: Family) -> str:
    """A visit with a note, an instant after it, and its correction."""
    tandem = await town.tandem(helper, family)
    visit = await town.visit(helper, tandem, note=NOTE)
    await town.figures_with(visits=1, visit_minutes=60)
    moment = instant()
    # The correction is recorded in a later millisecond than the moment that will be asked about.
    await eventually(lambda: instant() > moment)
    caller, path = mentor(town.city, helper.person), f"cities/{town.city}/visits/{visit['id']}"
    correction = {"reason": "wrong_length", "minutes": 90}
    await town.client.call(caller, "visits", "PATCH", path, correction, version=visit["version"])
    await town.figures_with(visits=1, visit_minutes=90)
    return moment


async def _sealed(town: Town, moment: str) -> Before:
    report = await town.post("reporting", "reports", {"programme": town.programme, "title": "Sachbericht"})
    content = await town.call("reporting", "GET", f"reports/{report['id']}/content", params={"format": "csv"})
    return Before(await town.figures(), await town.figures(known_at=moment), report["id"], content.content)


async def _erase(town: Town, family: Family) -> None:
    office = city_office(town.city)
    asked = await town.post("registry", "erasures", {"subject": family.family}, caller=office)

    async def complete() -> bool:
        found = await town.get("registry", f"erasures/{asked['id']}", caller=office)
        return found["completed_at"] is not None

    await eventually(complete, within=30)


async def _compacted(house: House, family: Family) -> None:
    """Until no earlier record names the family: its own has become a tombstone, its participation is nameless."""
    link = f'"family":"{family.family}"'
    assert in_topic(house, "registry.participations.v1", family.participation)
    await eventually(lambda: in_topic(house, "registry.participations.v1", link) == [], within=60, every=1)


async def _rebuilt(house: House, town: Town, before: Before) -> None:
    """All services stopped, their projections dropped, and started again."""
    for name in SERVICES:
        house.services.components[name].stop()
    for name in SERVICES:
        environment = {**os.environ, **house.services.environment(name)}
        subprocess.run([sys.executable, "-m", f"services.{name}", "rebuild"], env=environment, check=True)  # noqa: ASYNC221  # nothing else is running
    assert [place for place in in_databases(house, f"{town.city}") if ".known_" in place] == []
    for name in SERVICES:
        house.services.launch(name)
    for name in SERVICES:
        house.services.components[name].wait_until_ready()
    await town.figures_with(**numbers(before.figures))


async def _same(town: Town, kept: Before) -> None:
    figures = await town.figures_with(**numbers(kept.figures))
    past = await town.figures(known_at=kept.past["known_at"])
    for now, then in ((figures, kept.figures), (past, kept.past)):
        assert (now["figures"], now["tables"], now["targets"]) == (then["figures"], then["tables"], then["targets"])
    content = await town.call("reporting", "GET", f"reports/{kept.report}/content", params={"format": "csv"})
    assert content.content == kept.content
    verified = await town.post("reporting", f"reports/{kept.report}:verify")
    assert verified["valid"]


async def _persons(town: Town) -> str:
    """The person of the town's only family."""
    participations = (await town.get("registry", "participations"))["items"]
    family = await town.get("registry", f"families/{participations[0]['family']}")
    return str(family["persons"][0])
