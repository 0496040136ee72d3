"""The bare peer of a start and of a process's memory: a FastAPI app that does nothing.

``python -m deploy.bench.empty <port>``
"""

import sys

import uvicorn
from fastapi import FastAPI, Response


def app() -> FastAPI:
    """Answers that it is there, and takes what it is sent without looking at it."""
    empty = FastAPI()

    @empty.get("/health/ready")
    async def ready() -> Response:
        return Response()

    @empty.post("/visits", status_code=201)
    async def taken() -> dict[str, str]:
        return {}

    return empty


if __name__ == "__main__":
    uvicorn.run(app(), port=int(sys.argv[1]), loop="uvloop", http="httptools", access_log=False)
