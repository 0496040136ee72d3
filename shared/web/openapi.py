"""What OpenAPI says of every route: who may use it, how it refuses, which headers it knows."""

import re
from typing import Any, Final

from fastapi import FastAPI
from fastapi.routing import APIRoute, RouteContext, iter_route_contexts

from shared.web.permissions import CHANGING, needed_of
from shared.web.problems import CODE_OF_STATUS, MEDIA_TYPE

_PROBLEM: Final = {
    "type": "object",
    "required": ["type", "title", "status", "code", "correlation_id"],
    "properties": {
        "type": {"type": "string", "examples": ["/problems/registry/not-found"]},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string"},
        "correlation_id": {"type": "string"},
        "params": {"type": "object"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["code"],
                "properties": {
                    "pointer": {"type": "string"},
                    "parameter": {"type": "string"},
                    "code": {"type": "string"},
                    "expected": {"type": "string"},
                },
            },
        },
    },
}
_EVERY: Final = (400, 401, 403, 404, 422, 503)
_CHANGING: Final = (409, 412, 413, 415)
_IDEMPOTENCY_KEY: Final = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "8 to 64 visible characters; the same request under the same key has its effect once.",
    "schema": {"type": "string", "minLength": 8, "maxLength": 64},
}
_IN_PATH: Final = re.compile(r"{(\w+)}")
_IF_MATCH: Final = {
    "name": "If-Match",
    "in": "header",
    "required": True,
    "description": "The ETag of the version that is to be changed.",
    "schema": {"type": "string"},
}
_MAY_MATCH: Final = {
    **_IF_MATCH,
    "required": False,
    "description": "The ETag of the version that this is meant for; left out, the state as it is decides.",
}


def describe(app: FastAPI) -> None:
    """Makes ``app.openapi()`` complete."""
    plain = app.openapi

    def openapi() -> dict[str, Any]:
        schema = plain()
        if "Problem" in schema.get("components", {}).get("schemas", {}):
            return schema
        components = schema.setdefault("components", {})
        schemas = components.setdefault("schemas", {})
        schemas["Problem"] = _PROBLEM
        for unused in ("HTTPValidationError", "ValidationError"):
            schemas.pop(unused, None)
        components["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}}
        for route in iter_route_contexts(app.routes):
            if isinstance(route.original_route, APIRoute) and route.include_in_schema:
                for method in route.methods or ():
                    _complete(schema["paths"][route.path_format][method.lower()], method, route)
        return schema

    app.openapi = openapi  # type: ignore[method-assign]  # FastAPI's own way to extend a schema


def _complete(operation: dict[str, Any], method: str, route: RouteContext) -> None:
    needed = needed_of(route)
    operation["responses"].pop("422", None)
    _name_places(operation, route.path_format or "")
    if needed is None:
        operation["security"] = []
        return
    operation["security"] = [{"token": []}]
    operation["x-permission"] = {"code": needed.permission.code, "roles": sorted(needed.permission.roles)}
    statuses = _EVERY if method == "GET" else tuple(sorted((*_EVERY, *_CHANGING)))
    if needed.if_match or method in CHANGING:
        statuses = tuple(sorted((*statuses, 428)))
        operation.setdefault("parameters", []).append(_IF_MATCH)
    if needed.may_match:
        operation.setdefault("parameters", []).append(_MAY_MATCH)
    if method == "POST":
        operation.setdefault("parameters", []).append(_IDEMPOTENCY_KEY)
    for status in statuses:
        operation["responses"][str(status)] = {
            "description": CODE_OF_STATUS.get(status, "refused"),
            "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }


def _name_places(operation: dict[str, Any], path: str) -> None:
    """Declares what stands in the path and no endpoint asks for: the city is read before any endpoint runs."""
    known = {item["name"] for item in operation.get("parameters", []) if item["in"] == "path"}
    for name in _IN_PATH.findall(path):
        if name not in known:
            place = {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
            operation.setdefault("parameters", []).insert(0, place)
