"""The bare peer of a write and of a search: FastAPI, a model, motor's ``insert_one`` or ``find_one``, and nothing else.

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


class BarePerson(BaseModel):
    """The fields of a person, unchecked but for their types; in plain text."""

    as_documented: str
    call_name: str | None = None
    telephone: str | None = None
    birth_date: str | None = None


class BareSearch(BaseModel):
    """A whole name, as it is stored."""

    name: str


def bare_client(url: str) -> "AsyncIOMotorClient[dict[str, Any]]":
    """A client that keeps what it writes as surely as ours does."""
    return AsyncIOMotorClient(url, w="majority", journal=True)


def app(url: str) -> FastAPI:
    """Routes that store what they are sent, one that finds it; and one without a body, which says that it is there."""
    bare = FastAPI()
    visits, people = (bare_client(url)[DATABASE][name] for name in ("visits", "people"))

    @bare.post("/visits", status_code=201)
    async def store(visit: BareVisit) -> dict[str, Any]:
        document = visit.model_dump()
        document["_id"] = document.pop("id")
        await visits.insert_one(document)
        return {"id": document["_id"]}

    @bare.post("/people", status_code=201)
    async def register(person: BarePerson) -> dict[str, Any]:
        document = person.model_dump()
        await people.insert_one(document)
        return {"id": str(document["_id"])}

    @bare.post("/people:search")
    async def search(asked: BareSearch) -> dict[str, Any]:
        found = await people.find_one({"as_documented": asked.name}, {"_id": 0})
        return {"items": [] if found is None else [found]}

    @bare.get("/health/ready")
    async def ready() -> Response:
        return Response()

    return bare


if __name__ == "__main__":
    uvicorn.run(app(sys.argv[2]), port=int(sys.argv[1]), loop="uvloop", http="httptools", access_log=False)
