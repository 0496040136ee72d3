"""An invented town as reporting knows it: others' states put in place as their events would, without the others."""

from dataclasses import dataclass
from typing import Any

from services.reporting.app import SERVICE
from shared.contracts.matching import WaitingV1
from shared.contracts.places import CityV1, OrganisationV1, ProgrammeV1, SiteV1
from shared.contracts.registry import EngagementV1, OutcomeV1
from shared.contracts.visits import RequestV1, VisitV1
from shared.kernel.ids import new_id
from tests.integration.town_parts import RECORDED, ListeningTown

PROGRAMME = "offizielle-nachbarin"
SITE = "muetterzentrum"
Answer = dict[str, Any]


@dataclass(slots=True)
class Town(ListeningTown):
    """One city of reporting, its HTTP side, and the other services' parts played by hand."""

    service = SERVICE

    async def programme(self, slug: str = PROGRAMME, **changes: Any) -> str:
        """A programme of 2010 with a target, at one site whose carrier changed in July."""
        districts = [{"slug": "ostsiedlung", "name": "Ostsiedlung"}, {"slug": "westsiedlung", "name": "Westsiedlung"}]
        city = {"slug": self.city, "name": "Musterstadt", "state": "Musterland", "districts": districts}
        await self.tell(CityV1.model_validate(city | {"licence": "CC0"}))
        for slug_of, name in (("haus-ev", "Haus e.V."), ("werk-ggmbh", "Werk gGmbH")):
            await self.tell(OrganisationV1(slug=slug_of, name=name))
        carriers = [{"from": "2010-01-01", "value": "haus-ev"}, {"from": "2010-07-01", "value": "werk-ggmbh"}]
        site = {"slug": SITE, "name": "Mütterzentrum", "district": "ostsiedlung", "carriers": carriers}
        await self.tell(SiteV1.model_validate(site))
        state: Answer = {"slug": slug, "name": "Die offizielle Nachbarin", "begin": "2010-03-01", "until": "2011-01-01"}
        state |= {"sites": [SITE], "targets": [{"indicator": "volunteers_won", "at_least": 8}]}
        state |= {"funders": ["Europäische Union"], "framework": "STÄRKEN vor Ort"}
        await self.tell(ProgrammeV1.model_validate(state | changes))
        return slug

    async def volunteer(self, date: str = "2010-04-01", **changes: Any) -> EngagementV1:
        """Somebody who begins to help."""
        state: Answer = {"id": new_id("eng"), "person": new_id("per"), "programme": PROGRAMME, "role": "volunteer"}
        state |= {"date": date, "first": True, "stage": "active", "recorded_at": RECORDED, "site": SITE}
        engagement = EngagementV1.model_validate(state | changes)
        await self.tell(engagement)
        return engagement

    async def visit(self, date: str = "2010-05-10", **changes: Any) -> VisitV1:
        """A contact of an hour."""
        state: Answer = {"id": new_id("vis"), "tandem": new_id("tan"), "engagement": new_id("eng")}
        state |= {"participation": new_id("ptc"), "programme": PROGRAMME, "date": date, "kind": "home_visit"}
        state |= {"minutes": 60, "language": "ar", "topics": ["health"], "district": "ostsiedlung", "site": SITE}
        state |= {"carrier": "haus-ev", "recorded_at": RECORDED}
        visit = VisitV1.model_validate(state | changes)
        await self.tell(visit)
        return visit

    async def correct(self, visit: VisitV1, at: str, **changes: Any) -> VisitV1:
        """The visit with other counted fields, recorded at an instant."""
        former = visit.model_dump(mode="json", exclude={"id", "tandem", "engagement", "participation", "versions"})
        state = visit.model_dump(mode="json") | changes | {"recorded_at": at}
        state["versions"] = [*state["versions"], former | {"reason": "correction"}]
        corrected = VisitV1.model_validate(state)
        await self.tell(corrected)
        return corrected

    async def request(self, **changes: Any) -> RequestV1:
        """A request that a volunteer fulfilled."""
        state: Answer = {"id": new_id("req"), "programme": PROGRAMME, "date": "2010-06-01", "service": "child_care"}
        state |= {"how_often": "once", "state": "fulfilled", "by": "volunteer", "recorded_at": RECORDED}
        request = RequestV1.model_validate(state | changes)
        await self.tell(request)
        return request

    async def outcome(self) -> None:
        """A volunteer became self-employed."""
        state: Answer = {"id": new_id("out"), "programme": PROGRAMME, "date": "2010-11-01", "kind": "self_employment"}
        await self.tell(OutcomeV1.model_validate(state | {"recorded_at": RECORDED}))

    async def waiting(self, **changes: Any) -> WaitingV1:
        """A family that waits."""
        state: Answer = {"participation": new_id("ptc"), "round": new_id("rnd"), "programme": PROGRAMME}
        state |= {"district": "ostsiedlung", "languages": ["fa"], "waiting_since": "2010-02-01"}
        waiting = WaitingV1.model_validate(state | changes)
        await self.tell(waiting)
        return waiting

    async def figures(self, programme: str = PROGRAMME, **parameters: str) -> Answer:
        """A programme's figures as its coordinator reads them."""
        answer = await self.as_role().get(f"programmes/{programme}/figures", params=parameters)
        assert answer.status_code == 200, answer.text
        found: Answer = answer.json()
        return found


def numbers(figures: Answer) -> dict[str, int]:
    """The single figures by code."""
    return {row["code"]: row["value"] for row in figures["figures"]}
