"""A town that is run over HTTP alone, by the people who may: office, coordinator, mentor."""

import time
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any

from deploy.demo.client import Answer, Caller, Client, association, city_office, coordinator, mentor, together
from shared.kernel.dates import today
from shared.testing.waiting import eventually

PROGRAMME = "stadtteilmuetter"
SITE = "kifaz"
LISTS = {"visits": "activities", "matching": "tandems", "reporting": "reports"}
"""A list of each service that hears of a new city from registry."""
HOUSEHOLD = ("district", "languages")
"""What is a family's own and no participation's."""
Json = dict[str, Any]
MODULES = (
    {"code": "education", "title": "Elternbildung", "topics": ["education"]},
    {"code": "health", "title": "Gesundheit", "topics": ["health"]},
)


@dataclass(frozen=True, slots=True)
class Place:
    """A site in its district, with its carrier; all three by slug."""

    site: str
    district: str
    carrier: str


HOUSE = Place(SITE, "nordufer", "awo")


@dataclass(frozen=True, slots=True)
class Mentor:
    """A person with her engagement."""

    person: str
    engagement: str


@dataclass(frozen=True, slots=True)
class Family:
    """A family with one person and its participation."""

    person: str
    family: str
    participation: str


@dataclass(frozen=True, slots=True)
class Guest:
    """A person who takes part as herself."""

    person: str
    participation: str


@dataclass(slots=True)
class Town:
    """One city; ``begin`` is the first day of its programme, which works at all of the ``places``."""

    client: Client
    city: str
    begin: str = "2026-01-01"
    modules: tuple[Json, ...] = ()
    programme: str = PROGRAMME
    districts: tuple[str, ...] = ("nordufer", "suedufer")
    places: tuple[Place, ...] = (HOUSE,)

    @property
    def coordinator(self) -> Caller:
        """The programme's coordinator."""
        return coordinator(self.city, self.programme)

    async def build(self, **programme: Any) -> None:
        """The city with its districts, its sites, each with its carrier, and the programme."""
        districts = [{"slug": slug, "name": slug.title()} for slug in self.districts]
        body = {"slug": self.city, "name": self.city.title(), "state": "Nirgendland", "licence": "CC0-1.0"}
        await self.client.post(association(), "registry", "cities", body | {"districts": districts})
        for place in self.places:
            carrier = {"slug": place.carrier, "name": place.carrier.upper(), "roles": ["carrier"]}
            await self.office("organisations", carrier)
            site = {"slug": place.site, "name": place.site.title(), "district": place.district}
            await self.office("sites", site | {"carrier": place.carrier, "carrier_since": "2020-01-01"})
        plan: Json = {"name": "Stadtteilmütter", "topics": ["education", "health"], "modules": list(self.modules)}
        await self.provide(**(plan | {"targets": [{"indicator": "visits", "at_least": 1}]} | programme))
        for service, path in LISTS.items():
            await eventually(partial(self._serves, service, path), within=30)

    async def provide(self, **programme: Any) -> None:
        """The programme, at all of the city's sites."""
        plan: Json = {"slug": self.programme, "begin": self.begin, "sites": [place.site for place in self.places]}
        await self.office("programmes", plan | programme)

    async def office(self, path: str, body: Json) -> Any:
        """POST of the city's office to registry."""
        return await self.post("registry", path, body, caller=city_office(self.city))

    async def _serves(self, service: str, path: str) -> bool:
        """Whether a service has heard of the city."""
        return (await self.call(service, "GET", path, refused=(404,))).status == 200

    async def post(self, service: str, path: str, body: Any = None, *, caller: Caller | None = None) -> Any:
        """POST inside the city, as coordinator unless said otherwise."""
        return await self.client.post(caller or self.coordinator, service, f"cities/{self.city}/{path}", body)

    async def get(self, service: str, path: str, *, caller: Caller | None = None, **params: str) -> Any:
        """GET inside the city."""
        return await self.client.get(caller or self.coordinator, service, f"cities/{self.city}/{path}", **params)

    async def call(self, service: str, method: str, path: str, body: Any = None, **options: Any) -> Answer:
        """Any answer."""
        path = f"cities/{self.city}/{path}"
        return await self.client.call(self.coordinator, service, method, path, body, **options)

    async def mentor(self, name: str, *, cleared: bool = True, **fields: Any) -> Mentor:
        """A mentor who speaks Arabic; cleared, with the certificate seen on the first day, unless said otherwise."""
        person = (await self.post("registry", "people", {"as_documented": name}))["id"]
        body: Json = {"person": person, "programme": self.programme, "role": "stadtteilmutter", "date": self.begin}
        body |= {"site": self.places[0].site, "languages": {"ar": "native", "de": "C1"}, "reach": list(self.districts)}
        body |= {"topics": ["education", "health"], "slots": ["mon-am", "wed-pm"], "capacity": 3}
        engagement = (await self.post("registry", "engagements", body | fields))["id"]
        if cleared:
            seen = {"issued_on": self.begin, "seen_on": self.begin}
            await self.post("registry", f"engagements/{engagement}:clear", seen)
        return Mentor(person, engagement)

    async def family(self, name: str, *, agrees: bool = True, **fields: Any) -> Family:
        """A family with one person that needs help with health; it agrees to be matched."""
        person = (await self.post("registry", "people", {"as_documented": name}))["id"]
        household: Json = {"persons": [person], "district": self.districts[0], "since": "2024-01-01"}
        household |= {"languages": {"ar": "native"}} | {name: fields.pop(name) for name in HOUSEHOLD if name in fields}
        family = (await self.post("registry", "families", household))["id"]
        if agrees:
            await self.consent(family, person)
        body: Json = {"family": family, "programme": self.programme, "date": self.begin}
        body |= {"site": self.places[0].site, "topics": ["health"], "slots": ["wed-pm"]}
        participation = (await self.post("registry", "participations", body | fields))["id"]
        return Family(person, family, participation)

    async def guest(self, name: str, *, agrees: bool = True, **fields: Any) -> Guest:
        """A person who takes part as herself, and speaks German; she agrees to be matched."""
        person = (await self.post("registry", "people", {"as_documented": name}))["id"]
        body: Json = {"person": person, "programme": self.programme, "date": self.begin, "slots": ["wed-pm"]}
        body |= {"site": self.places[0].site, "district": self.districts[0], "languages": {"de": "native"}}
        participation = (await self.post("registry", "participations", body | fields))["id"]
        if agrees:
            await self.consent(participation, person, capacity="self")
        return Guest(person, participation)

    async def consent(self, subject: str, giver: str, purpose: str = "matching", capacity: str = "parent") -> str:
        """A consent in writing, given on the first day."""
        body: Json = {"subject": subject, "purpose": purpose, "given_by": giver, "capacity": capacity}
        body |= {"text": f"{purpose}_consent", "text_language": "de", "how": "in_writing", "given_on": self.begin}
        return str((await self.post("registry", "consents", body))["id"])

    async def tandem(self, helper: Mentor, family: Family) -> str:
        """A pair made by hand."""
        body = {"engagement": helper.engagement, "participation": family.participation, "date": self.begin}
        return str((await self.post("matching", "tandems", body))["id"])

    async def visit(self, helper: Mentor, tandem: str, **fields: Any) -> Json:
        """A visit of an hour, logged by the mentor herself."""
        body: Json = {"tandem": tandem, "kind": "home_visit", "date": self.begin, "minutes": 60, "topics": ["health"]}
        caller = mentor(self.city, helper.person)
        found: Json = await self.post("visits", "visits", body | fields, caller=caller)
        return found

    async def figures(self, **params: str) -> Json:
        """The programme's figures."""
        path = f"cities/{self.city}/programmes/{self.programme}/figures"
        found: Json = await self.client.get(self.coordinator, "reporting", path, **params)
        return found

    async def figures_with(self, *, within: float = 30, **expected: int) -> Json:
        """The figures, as soon as these numbers are in them."""
        found: Json = {}

        async def arrived() -> bool:
            answer = await self.call("reporting", "GET", f"programmes/{self.programme}/figures", refused=(404,))
            found.clear()
            found.update(answer.json)
            return answer.status == 200 and expected.items() <= numbers(found).items()

        await eventually(arrived, within=within)
        return found


def numbers(figures: Json) -> dict[str, int]:
    """The single figures by code."""
    return {row["code"]: row["value"] for row in figures["figures"]}


def days_ago(number: int) -> str:
    """A day before today, in Germany."""
    return (date.fromisoformat(today(datetime.now(UTC))) - timedelta(days=number)).isoformat()


def instant() -> str:
    """Now, as events write it."""
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime()) + f".{time.time_ns() // 1_000_000 % 1_000:03d}Z"


__all__ = ["Family", "Guest", "Mentor", "Place", "Town", "days_ago", "instant", "numbers", "together"]
