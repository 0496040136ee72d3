"""A site changes its carrier (Träger): each year keeps its own, and what was known before can still be read."""

from typing import Final

from deploy.demo.client import Client, UnexpectedAnswerError, city_office, coordinator
from deploy.demo.data import Reference, Row
from deploy.demo.screen import Step
from deploy.demo.world import World

_YEARS: Final = {
    "2024": {"begin": "2024-01-01", "until": "2025-01-01"},
    "2025": {"begin": "2025-01-01", "until": "2026-01-01"},
}


async def change_carrier(client: Client, reference: Reference, step: Step) -> None:
    """The change is entered; reads of registry answer by the day, and as known before it."""
    change = reference.carrier_change
    office, path = city_office(change["city"]), f"cities/{change['city']}/sites/{change['site']}"
    former = await client.get(office, "registry", path)
    known_before = former["carriers_recorded"][-1]["recorded_at"]
    await client.post(
        office, "registry", f"{path}:carrier", {"carrier": change["carrier"], "since": change["since"]}
    )  # fmt: skip
    asked = (
        ({"as_of": "2024-12-31"}, former["carrier"]),
        ({"as_of": change["since"]}, change["carrier"]),
        ({"as_of": change["since"], "known_at": known_before}, former["carrier"]),
    )
    for parameters, expected in asked:
        carrier = (await client.get(office, "registry", path, **parameters))["carrier"]
        if carrier != expected:
            raise UnexpectedAnswerError(f"{change['site']} {parameters}: {carrier} instead of {expected}")
    step.tell(f"{change['site']}: {former['carrier']}, from {change['since']} on {change['carrier']}; both axes answer")


async def show_carriers(client: Client, world: World, reference: Reference, step: Step) -> None:
    """The programme's report of each year names the carrier of that year, and no other."""
    change, names = reference.carrier_change, _carriers(reference)
    path = f"cities/{change['city']}/programmes/{change['programme']}/report"
    for year, period in _YEARS.items():
        caller = coordinator(change["city"], change["programme"])
        answer = await client.call(caller, "reporting", "GET", path, params={**period, "format": "html"})
        world.carriers[year] = [name for name in names if name in answer.content.decode()]
    if [world.carriers[year] for year in _YEARS] != [[name] for name in names]:
        raise UnexpectedAnswerError(f"the reports of {change['programme']} name {world.carriers}")
    step.tell("; ".join(f"report of {year}: {named}" for year, (named,) in world.carriers.items()))


def _carriers(reference: Reference) -> tuple[str, str]:
    """The names of the former and the new carrier."""
    change = reference.carrier_change
    city: Row = next(city for city in reference.cities if city["slug"] == change["city"])
    organisations = {row["slug"]: str(row["name"]) for row in city["organisations"]}
    former = next(site["carrier"] for site in city["sites"] if site["slug"] == change["site"])
    return organisations[former], organisations[change["carrier"]]
