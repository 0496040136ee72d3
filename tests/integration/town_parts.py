"""What the invented towns share: a role's client, events that arrive without their sender, reactions run at once."""

from dataclasses import dataclass, field
from typing import Any, ClassVar

import httpx

from shared.contracts.base import Contract
from shared.contracts.catalog import BY_CONTRACT, Topic
from shared.kernel.ids import new_id
from shared.messaging.events import Event
from shared.messaging.projection import Poll
from shared.messaging.reactions import Reactions
from shared.runtime.service import Service
from shared.security.principals import Grant
from shared.storage.leases import Leases
from shared.storage.mongo import Session
from tests.integration.api_parts import Api

RECORDED = "2025-10-01T08:00:00.000Z"


@dataclass(slots=True)
class ListeningTown:
    """One city of a service, its HTTP side, and the other services' parts played by hand."""

    service: ClassVar[Service]

    api: Api
    city: str
    sequences: dict[str, int] = field(default_factory=dict)

    def as_role(self, role: str = "coordinator", **limits: Any) -> httpx.AsyncClient:
        """A client of this city; its paths begin behind the city."""
        return self._here(self.api.client(role, self.city, **limits))

    def as_grants(self, *grants: Grant) -> httpx.AsyncClient:
        """A client of this city with several grants."""
        token = self.api.tokens.issuer.issue(new_id("sub"), list(grants))
        return self._here(self.api.bare({"Authorization": f"Bearer {token}"}))

    def _here(self, client: httpx.AsyncClient) -> httpx.AsyncClient:
        client.base_url = httpx.URL(f"http://service/v1/cities/{self.city}/")
        return client

    async def tell(self, contract: Contract) -> None:
        """A state arrives as its event would: through the projection, which may ask for reactions."""
        topic = BY_CONTRACT[type(contract)]
        await self._arrives(topic, str(getattr(contract, topic.key)), contract, RECORDED)

    async def tell_erased(self, contract: type[Contract], key: str, time: str) -> None:
        """A tombstone arrives."""
        await self._arrives(BY_CONTRACT[contract], key, None, time)

    async def _arrives(self, topic: Topic, key: str, state: Contract | None, time: str) -> None:
        self.sequences[key] = self.sequences.get(key, 0) + 1
        event = Event(topic, self.city, key, self.sequences[key], new_id("evt"), time, state)
        store = self.api.store
        projection = next(one for one in self.service.projections if one.topic is topic)

        async def poll(session: Session) -> None:
            under_way = Poll(store.mongo, session, store.clock())
            await projection.apply(under_way, [event])
            await under_way.store_reactions()

        await store.mongo.transaction(poll)

    async def react(self) -> None:
        """Runs every reaction that was asked for, as the process would."""
        store = self.api.store
        reactions = Reactions(store, Leases(store.mongo, "test"), self.service.reactions)
        rows = store.mongo.runtime()["reactions"]
        async for row in rows.find({"city": self.city}):
            await reactions._run(row)
        assert await rows.count_documents({"city": self.city}) == 0
