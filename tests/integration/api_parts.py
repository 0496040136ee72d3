"""A service's HTTP side in this process, on the real stack, without relay and consumer."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from shared.observability.metrics import Metrics
from shared.runtime.service import Service
from shared.storage.mongo import Mongo
from shared.storage.store import Store
from shared.testing.tokens import TestTokens
from shared.web.app import create_app


@dataclass(slots=True)
class Api:
    """One service's application, with tokens for whoever calls it."""

    app: Any
    store: Store
    tokens: TestTokens
    metrics: Metrics

    def client(self, role: str, city: str, **limits: Any) -> httpx.AsyncClient:
        """A client with a token of that role."""
        headers = {"Authorization": f"Bearer {self.tokens.token(role, city, **limits)}"}
        return self.bare(headers)

    def bare(self, headers: Mapping[str, str] | None = None) -> httpx.AsyncClient:
        """A client with just these headers."""
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
        return httpx.AsyncClient(transport=transport, base_url="http://service", headers=dict(headers or {}))

    async def events(self, city: str, topic: str) -> list[dict[str, Any]]:
        """What waits in the outbox for a topic, in order."""
        rows = self.store.mongo.city(city)["outbox"].find({"topic": topic}).sort([("key", 1), ("sequence", 1)])
        return await rows.to_list(None)


async def api_for(service: Service, mongo_url: str, master_key: bytes, folder: Path) -> Api:
    """The service's API; ``folder`` keeps the issuer's key."""
    store = Store(Mongo(mongo_url, service.name), master_key, service.layout)
    metrics = store.metrics
    tokens = TestTokens(folder)
    extra: dict[str, Any] = {"metrics": metrics}
    if service.extend is not None:
        extra |= service.extend(store)
    app = create_app(
        name=service.name,
        title=service.title,
        routers=service.routers,
        store=store,
        verifier=tokens.verifier(),
        metrics=metrics,
        serving={},
        checks={},
        extra=extra,
        version="0",
        commit="test",
        started=lambda: True,
        alive=lambda: True,
        env="test",
        words=service.words,
    )
    return Api(app, store, tokens, metrics)
