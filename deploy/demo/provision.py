"""Cities with their districts, organisations, sites and programmes; then every service serves the cities."""

import asyncio
import time
from typing import Final

from deploy.demo.client import Client, UnexpectedAnswerError, association, auditor, city_office, coordinator, together
from deploy.demo.data import Reference, Row
from deploy.demo.screen import Step

_SERVED_WITHIN: Final = 30.0
_LISTS: Final = {"visits": "activities", "matching": "waiting", "reporting": "reports"}
"""A list of each service by which one sees that it serves a city."""


async def provision(client: Client, reference: Reference, step: Step) -> None:
    """Everything of the reference data, the association and each city's office doing their part."""
    step.total(len(reference.cities))
    await together([_furnish(client, city, step) for city in reference.cities])
    await together([_until_served(client, city, service) for city in reference.cities for service in _LISTS])
    sums = {name: sum(len(city[name]) for city in reference.cities) for name in _PARTS}
    districts = sum(len(city["districts"]) or 1 for city in reference.cities)
    step.tell(
        f"{len(reference.cities)} cities, {districts} districts, {sums['organisations']} organisations, "
        f"{sums['sites']} sites, {sums['programmes']} programmes"
    )


_PARTS: Final = ("organisations", "sites", "programmes")


async def _furnish(client: Client, city: Row, step: Step) -> None:
    await client.post(association(), "registry", "cities", _city_body(city))
    # Sites name organisations, and programmes name sites: one kind after the other.
    office, base = city_office(city["slug"]), f"cities/{city['slug']}"
    for kind in _PARTS:
        await together([client.post(office, "registry", f"{base}/{kind}", body) for body in city[kind]])
    step.advance()


def _city_body(city: Row) -> Row:
    return {name: city[name] for name in ("slug", "name", "state", "licence", "districts", "model_regions")}


async def _until_served(client: Client, city: Row, service: str) -> None:
    programme = city["programmes"][0]["slug"]
    role = auditor if service == "reporting" else coordinator
    caller, deadline = role(city["slug"], programme), time.monotonic() + _SERVED_WITHIN
    path = f"cities/{city['slug']}/{_LISTS[service]}"
    while (await client.call(caller, service, "GET", path, refused=(404,))).status == 404:
        if time.monotonic() > deadline:
            raise UnexpectedAnswerError(f"{service} does not serve {city['slug']} after {_SERVED_WITHIN:.0f} s")
        await asyncio.sleep(0.2)
