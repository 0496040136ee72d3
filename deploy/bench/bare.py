"""The bare peer of a write: FastAPI, a model, motor's ``insert_one``, and nothing else.

``python -m deploy.bench.bare <port> <mongo-url>``
"""

import sys
from typing import Any

import uvicorn
from fastapi import FastAPI, Response
from motor.motor_asyncio import AsyncIOMotorClient
from pydantic import BaseModel

DATABASE = "bench_bare"


class BareVisit(BaseModel):
    """The fields of a visit, unchecked but for their types."""

    id: str
    tandem: str
    kind: str
    date: str
    minutes: int
    topics: list[str] = []
    language: str | None = None
    note: str | None = None


def bare_client(url: str) -> "AsyncIOMotorClient[dict[str, Any]]":
    """A client that keeps what it writes as surely as ours does."""
    return AsyncIOMotorClient(url, w="majority", journal=True)


def app(url: str) -> FastAPI:
    """One route that stores what it is sent; and one without a body, which says that it is there."""
    bare = FastAPI()
    visits = bare_client(url)[DATABASE]["visits"]

    @bare.post("/visits", status_code=201)
    async def store(visit: BareVisit) -> dict[str, Any]:
        document = visit.model_dump()
        document["_id"] = document.pop("id")
        await visits.insert_one(document)
        return {"id": document["_id"]}

    @bare.get("/health/ready")
    async def ready() -> Response:
        return Response()

    return bare


if __name__ == "__main__":
    uvicorn.run(app(sys.argv[2]), port=int(sys.argv[1]), loop="uvloop", http="httptools", access_log=False)
