"""An invented town over HTTP on running services: a programme, mentors, families, tandems."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import partial
from typing import Any, Self

import httpx

from deploy.services import Deployment
from shared.kernel.clock import system_clock
from shared.kernel.dates import today
from shared.kernel.ids import new_id
from shared.security.principals import WITHOUT_CITY, Grant
from shared.testing.waiting import eventually
from tests.chaos.history import History

PROGRAMME, SITE = "paten", "haus-ost"
MENTORS = 3
_NOT_YET = frozenset({"consent", "clearance", "programme-not-found", "not-found", "not-yet-known", "consents-stale"})
_ANSWERS = 10.0


@dataclass(slots=True)
class Town:
    """One city of a deployment. ``tandems`` run; ``spare`` are pairs of an engagement and a participation that wait."""

    deployment: Deployment
    city: str
    http: httpx.AsyncClient
    day: str
    history: History = field(default_factory=History)
    engagements: list[str] = field(default_factory=list)
    tandems: list[str] = field(default_factory=list)
    spare: list[tuple[str, str]] = field(default_factory=list)
    _subject: str = field(default_factory=lambda: new_id("sub"))
    _tokens: dict[str, str] = field(default_factory=dict)

    @classmethod
    async def build(cls, deployment: Deployment, city: str) -> Self:
        """Opens the city and pairs its mentors; returns when visits knows all tandems."""
        town = cls(deployment, city, httpx.AsyncClient(timeout=_ANSWERS), today(system_clock()))
        districts = [{"slug": "ost", "name": "Ost"}]
        place = {"slug": city, "name": city.title(), "state": "Nirgendland", "licence": "CC0-1.0"}
        await town._made("registry", "/v1/cities", {**place, "districts": districts}, role="association")
        await town._post("registry", "organisations", {"slug": "haus", "name": "Haus", "roles": ["carrier"]}, "city")
        site = {"slug": SITE, "name": "Haus Ost", "district": "ost", "carrier": "haus", "carrier_since": "2020-01-01"}
        await town._post("registry", "sites", site, "city")
        topics = {"slug": PROGRAMME, "name": "Paten", "topics": ["authorities", "health"], "sites": [SITE]}
        await town._post("registry", "programmes", topics, "city")
        for _ in range(MENTORS):
            await town._pair_up()
        for tandem in town.tandems:
            await eventually(partial(town._visits_knows, tandem), within=20)
        return town

    def url(self, service: str, path: str) -> str:
        """The address of a path inside the city."""
        return f"{self.deployment.url(service)}/v1/cities/{self.city}/{path}"

    def headers(self, role: str = "coordinator") -> dict[str, str]:
        """A token of that role; always the same subject, as a client that repeats its requests has."""
        if role not in self._tokens:
            grant = Grant(role=role, city=None if role in WITHOUT_CITY else self.city)
            self._tokens[role] = self.deployment.issuer.issue(self._subject, [grant])
        return {"Authorization": f"Bearer {self._tokens[role]}"}

    async def newcomer(self) -> str:
        """One more person, whom nothing else is about."""
        return await self._person()

    async def close(self) -> None:
        """Closes the connections."""
        await self.http.aclose()

    async def _pair_up(self) -> None:
        """One more mentor with a tandem, and a second family for her that waits."""
        person = await self._person()
        common = {"programme": PROGRAMME, "date": self._before(30), "site": SITE}
        engagement = await self._post(
            "registry", "engagements", {**common, "person": person, "role": "volunteer", "capacity": 50}
        )
        cleared = {"issued_on": self._before(40), "seen_on": self._before(30)}
        answer = await self._post("registry", f"engagements/{engagement['id']}:clear", cleared)
        self.history.answered("registry.engagements.v1", answer["id"], answer["version"])
        first, second = [await self._participation(common) for _ in range(2)]
        pair = {"engagement": engagement["id"], "participation": first, "date": self._before(20)}
        tandem = await eventually(lambda: self._paired(pair), within=30)
        self.history.answered("matching.tandems.v1", tandem["id"], tandem["version"])
        self.engagements.append(engagement["id"])
        self.tandems.append(tandem["id"])
        self.spare.append((engagement["id"], second))

    async def _person(self) -> str:
        answer = await self._post("registry", "people", {"as_documented": "Oksana Beispiel", "telephone": "0000 1"})
        return str(answer["id"])

    async def _participation(self, common: Mapping[str, Any]) -> str:
        family = {"persons": [await self._person()], "district": "ost", "since": "2024-01-01"}
        subject = str((await self._post("registry", "families", {**family, "languages": {"uk": "native"}}))["id"])
        answer = await self._post("registry", "participations", {**common, "family": subject})
        consent = {"subject": subject, "purpose": "matching", "capacity": "self", "text": "matching_consent"}
        consent |= {"text_language": "de", "how": "in_writing", "given_on": self._before(30)}
        await self._post("registry", "consents", consent)
        return str(answer["id"])

    async def _paired(self, pair: Mapping[str, str]) -> dict[str, Any] | None:
        """The tandem, or ``None`` as long as matching has not heard of everything."""
        answer = await self.http.post(self.url("matching", "tandems"), json=pair, headers=self.headers())
        if answer.status_code == 201:
            return dict(answer.json())
        assert answer.json()["code"] in _NOT_YET, answer.text
        return None

    async def _visits_knows(self, tandem: str) -> bool:
        path = self.url("visits", f"visits?tandem={tandem}")
        body = {"tandem": tandem, "kind": "telephone", "date": self._before(1), "minutes": 0}
        answer = await self.http.get(path, headers=self.headers())
        if answer.status_code != 200:
            return False
        tried = await self.http.post(self.url("visits", "visits"), json=body, headers=self.headers())
        if tried.status_code == 201:
            self.history.answered("visits.visits.v1", tried.json()["id"], 1)
        return tried.status_code == 201

    async def _post(self, service: str, path: str, body: Mapping[str, Any], role: str = "coordinator") -> Any:
        return await self._made(service, f"/v1/cities/{self.city}/{path}", body, role=role)

    async def _made(self, service: str, path: str, body: Mapping[str, Any], *, role: str) -> Any:
        url = f"{self.deployment.url(service)}{path}"
        answer = await self.http.post(url, json=dict(body), headers=self.headers(role))
        assert answer.status_code in (200, 201), f"{path}: {answer.status_code} {answer.text}"
        return answer.json()

    def _before(self, days: int) -> str:
        return (date.fromisoformat(self.day) - timedelta(days=days)).isoformat()
