"""An invented town as matching knows it: registry's states put in place as its events would, without registry."""

from dataclasses import dataclass
from typing import Any

import httpx

from services.matching.app import SERVICE
from services.matching.store import known
from shared.contracts.catalog import PARTITIONS
from shared.contracts.places import ProgrammeV1, SiteV1
from shared.contracts.registry import ConsentV1, EngagementV1, ErasureV1, FamilyV1, ParticipationV1
from shared.kernel.clock import write_instant
from shared.kernel.ids import new_id
from tests.integration.town_parts import RECORDED, ListeningTown

DAY = "2026-01-15"
PROGRAMME = "stadtteilmuetter"
COLLECTIONS = {
    ProgrammeV1: known.PROGRAMMES,
    SiteV1: known.SITES,
    EngagementV1: known.ENGAGEMENTS,
    ParticipationV1: known.PARTICIPATIONS,
    ConsentV1: known.CONSENTS,
}
Answer = dict[str, Any]


@dataclass(slots=True)
class Town(ListeningTown):
    """One city of matching, its HTTP side, and registry's part played by hand."""

    service = SERVICE

    async def fresh_consents(self) -> None:
        """Beats of this moment on every partition of the consents."""
        beat = write_instant(self.api.store.clock())
        offsets = self.api.store.mongo.runtime()["offsets"]
        for number in range(PARTITIONS):
            key = {"_id": f"registry.consents.v1:{number}"}
            await offsets.update_one(key, {"$set": {"beat": beat}}, upsert=True)

    async def stale_consents(self) -> None:
        """One partition whose last beat is long ago."""
        offsets = self.api.store.mongo.runtime()["offsets"]
        await offsets.update_one({"_id": "registry.consents.v1:3"}, {"$set": {"beat": "2020-01-01T00:00:00.000Z"}})

    async def programme(self, slug: str = PROGRAMME, **changes: Any) -> str:
        """A programme with one site of the carrier ``volkshaus``."""
        site = {"slug": f"{slug[:20]}-haus", "name": "Haus", "district": "schmarl"}
        await self.tell(SiteV1.model_validate({**site, "carriers": [{"from": "2025-01-01", "value": "volkshaus"}]}))
        module = {"code": "health", "title": "Gesundheit", "topics": ["health"]}
        state: Answer = {"slug": slug, "name": "Stadtteilmütter", "begin": "2025-10-01", "until": "2027-01-01"}
        state |= {"modules": [module], "sites": [site["slug"]], "topics": ["health"]}
        await self.tell(ProgrammeV1.model_validate({**state, **changes}))
        return slug

    async def mentor(self, slug: str = PROGRAMME, **changes: Any) -> EngagementV1:
        """A certified, cleared, active mentor who fits every family made here; one place."""
        state: Answer = {
            "id": new_id("eng"),
            "person": new_id("per"),
            "first": True,
            "role": "mentor",
            "programme": slug,
            "date": "2025-10-01",
            "stage": "active",
            "sites": [{"from": "2025-10-01", "value": f"{slug[:20]}-haus"}],
            "levels": {"ar": "native"},
            "languages": ["ar"],
            "reach": ["schmarl"],
            "topics": ["health"],
            "qualified": ["health"],
            "needs_certificate": True,
            "certified_on": "2025-12-01",
            "clearance_until": "2027-01-01",
            "slots": ["mon-am"],
            "capacity": 1,
            "gender": "f",
            "recorded_at": RECORDED,
        }
        engagement = EngagementV1.model_validate({**state, **changes})
        await self.tell(engagement)
        return engagement

    async def family(self, slug: str = PROGRAMME, *, consent: bool = True, **changes: Any) -> ParticipationV1:
        """A family that waits; with consent unless said otherwise."""
        state: Answer = {
            "id": new_id("ptc"),
            "family": new_id("fam"),
            "first": True,
            "programme": slug,
            "date": "2025-11-01",
            "waiting_since": "2025-11-01",
            "sites": [{"from": "2025-10-01", "value": f"{slug[:20]}-haus"}],
            "districts": [{"from": "2025-10-01", "value": "schmarl"}],
            "levels": {"ar": "native"},
            "languages": ["ar"],
            "topics": ["health"],
            "slots": ["mon-am"],
            "recorded_at": RECORDED,
        }
        participation = ParticipationV1.model_validate({**state, **changes})
        await self.tell(participation)
        if consent:
            await self.consent(str(participation.family or participation.person))
        return participation

    async def consent(self, subject: str, **changes: Any) -> ConsentV1:
        """A consent to matching that stands."""
        state: Answer = {
            "id": new_id("con"),
            "subject": subject,
            "purpose": "matching",
            "capacity": "parent",
            "text": "matching",
            "text_version": 1,
            "text_language": "de",
            "how": "signed",
            "given_on": "2025-11-01",
        }
        consent = ConsentV1.model_validate({**state, **changes})
        await self.tell(consent)
        return consent

    async def size(self, family: ParticipationV1, *, adults: int, children: int) -> None:
        """How many persons the family of a participation are."""
        state: Answer = {"id": family.family, "adults": adults, "children": children, "districts": [], "languages": {}}
        await self.tell(FamilyV1.model_validate(state))

    async def erasure(self, subject: str, *also: str) -> ErasureV1:
        """An erasure that registry asks for."""
        erasure = ErasureV1(id=new_id("era"), subject=subject, also=also, requested_at=RECORDED)
        await self.tell(erasure)
        return erasure

    async def round(self, slug: str = PROGRAMME, day: str = DAY) -> Answer:
        """A round, held by a coordinator."""
        await self.fresh_consents()
        async with self.as_role() as client:
            answer = await client.post("rounds", json={"programme": slug, "date": day})
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    async def pair(self, mentor: EngagementV1, family: ParticipationV1, day: str = DAY, **more: str) -> httpx.Response:
        """A pair made by hand, and the answer to it."""
        await self.fresh_consents()
        body = {"engagement": mentor.id, "participation": family.id, "date": day, **more}
        async with self.as_role() as client:
            return await client.post("tandems", json=body)

    async def pin(self, mentor: EngagementV1, family: ParticipationV1, **more: str) -> Answer:
        """A pin made by a coordinator: the answer's content, and its status as ``status_code``."""
        await self.fresh_consents()
        body = {"engagement": mentor.id, "participation": family.id, "because": "wish_of_family", **more}
        async with self.as_role() as client:
            answer = await client.post("pins", json=body)
        return {**answer.json(), "status_code": answer.status_code}

    async def drafted(self, slug: str) -> tuple[Answer, EngagementV1, ParticipationV1]:
        """A programme with the one draft of its first round: whose clearance is good for long, and who waits."""
        await self.programme(slug)
        mentor, family = await self.mentor(slug, clearance_until="2100-01-01"), await self.family(slug)
        (proposal,) = (await self.round(slug))["proposals"]
        return proposal, mentor, family

    async def act(self, path: str, verb: str, body: Answer | None = None, version: int | None = None) -> Answer:
        """An act of a coordinator: the answer's content, and its status as ``status_code``."""
        headers = {} if version is None else {"If-Match": f'"{version}"'}
        async with self.as_role() as client:
            answer = await client.post(f"{path}:{verb}", json=body, headers=headers)
        return {**answer.json(), "status_code": answer.status_code}

    async def told(self, topic: str, key: str) -> list[Answer]:
        """What was told of one aggregate, in order."""
        return [row for row in await self.api.events(self.city, topic) if row["key"] == f"{self.city}/{key}"]
