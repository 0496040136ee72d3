"""An invented town as visits knows it: others' states put in place as their events would, without the others."""

import json
from dataclasses import dataclass
from typing import Any

import httpx

from services.visits.app import SERVICE
from shared.contracts.base import Contract
from shared.contracts.catalog import BY_CONTRACT
from shared.contracts.envelope import Envelope
from shared.contracts.matching import TandemV1
from shared.contracts.places import ProgrammeV1, SiteV1
from shared.contracts.registry import EngagementV1, ErasureV1, ParticipationV1
from shared.kernel.ids import new_id
from tests.integration.town_parts import RECORDED, ListeningTown

PROGRAMME = "stadtteilmuetter"
Answer = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Pair:
    """A tandem with its two sides."""

    tandem: str
    engagement: EngagementV1
    participation: ParticipationV1

    @property
    def person(self) -> str:
        """Whose engagement it is."""
        return str(self.engagement.person)


@dataclass(slots=True)
class Town(ListeningTown):
    """One city of visits, its HTTP side, and the other services' parts played by hand."""

    service = SERVICE

    def as_mentor(self, pair: Pair) -> httpx.AsyncClient:
        """The tandem's mentor."""
        return self.as_role("mentor", person=pair.person)

    async def programme(self, slug: str = PROGRAMME, **changes: Any) -> str:
        """A programme with one site, whose carrier changed at the beginning of 2026."""
        carriers = [{"from": "2025-01-01", "value": "volkshaus"}, {"from": "2026-01-01", "value": "werkhaus"}]
        site = {"slug": _site(slug), "name": "Haus", "district": "schmarl", "carriers": carriers}
        await self.tell(SiteV1.model_validate(site))
        state: Answer = {"slug": slug, "name": "Stadtteilmütter", "begin": "2025-10-01", "until": "2027-01-01"}
        state |= {"sites": [_site(slug)], "topics": ["health", "education"]}
        await self.tell(ProgrammeV1.model_validate({**state, **changes}))
        return slug

    async def pair(self, slug: str = PROGRAMME, *, known: bool = True, **changes: Any) -> Pair:
        """A tandem since November 2025; the family moved in February 2026. With ``known=False`` it comes later."""
        sites = [{"from": "2025-10-01", "value": _site(slug)}]
        moved = [{"from": "2025-10-01", "value": "schmarl"}, {"from": "2026-02-01", "value": "lichtenhagen"}]
        common: Answer = {"programme": slug, "sites": sites, "first": True, "recorded_at": RECORDED}
        engagement = EngagementV1.model_validate(
            {**common, "id": new_id("eng"), "person": new_id("per"), "role": "mentor", "date": "2025-10-01"}
            | {"stage": "active"}
        )
        participation = ParticipationV1.model_validate(
            {**common, "id": new_id("ptc"), "family": new_id("fam"), "date": "2025-10-15", "districts": moved}
        )
        pair = Pair(new_id("tan"), engagement, participation)
        await self.tell(engagement)
        await self.tell(participation)
        if known:
            await self.tell_tandem(pair, **changes)
        return pair

    async def tell_tandem(self, pair: Pair, **changes: Any) -> None:
        """The tandem's state arrives."""
        tandem = TandemV1(
            id=pair.tandem,
            engagement=pair.engagement.id,
            participation=pair.participation.id,
            programme=pair.engagement.programme,
            date="2025-11-01",
            recorded_at=RECORDED,
        )
        await self.tell(tandem.model_copy(update=changes))

    async def erase_family(self, pair: Pair) -> ErasureV1:
        """Registry erases the tandem's family; the participation's nameless record arrives later, or never here."""
        family = str(pair.participation.family)
        erasure = ErasureV1(id=new_id("era"), subject=family, also=(pair.participation.id,), requested_at=RECORDED)
        await self.tell(erasure)
        return erasure

    async def told(self, topic: str, key: str) -> list[Contract]:
        """What was told of one aggregate, in order; every record reads back as its contract."""
        rows = [row for row in await self.api.events(self.city, topic) if row["key"] == f"{self.city}/{key}"]
        contract = next(kind for kind, known in BY_CONTRACT.items() if known.name == topic)
        assert [row["sequence"] for row in rows] == list(range(1, len(rows) + 1))
        return [contract.model_validate(Envelope.model_validate(json.loads(row["value"])).data) for row in rows]

    async def stored(self, collection: str, query: Answer) -> list[Answer]:
        """Documents of the city."""
        return await self.api.store.reader(self.city).find(collection, query)

    async def audited(self, action: str, key: str) -> list[Answer]:
        """Audit rows of an action on an object."""
        rows = self.api.store.mongo.city(self.city)["audit"].find({"action": action, "object": key})
        return await rows.to_list(None)


def body(pair: Pair, **changes: Any) -> Answer:
    """A visit as it is sent."""
    plain: Answer = {"tandem": pair.tandem, "kind": "home_visit", "date": "2026-01-15", "minutes": 90}
    return {**plain, "topics": ["health"], "language": "uk", **changes}


def _site(slug: str) -> str:
    return f"{slug[:20]}-haus"
