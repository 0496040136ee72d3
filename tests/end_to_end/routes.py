"""Every route inside a city that the services' OpenAPI documents know, and how to ask it for something."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import httpx

from shared.kernel.ids import FAMILY
from tests.chaos.town import PROGRAMME, SITE

_CITY: Final = "/v1/cities/{city}"
_WORDS: Final = {"programme": PROGRAMME, "site": SITE, "organisation": "haus", "purpose": "contact"}
_ANY_KIND: Final = "^[a-z]{3}_"
_METHODS: Final = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE"})

Choose = Callable[[str], str]
"""An id that begins with these letters."""


@dataclass(frozen=True, slots=True)
class Route:
    """A path below the city; ``inside`` and ``query`` are the schemas of its parameters, the query's required ones."""

    service: str
    method: str
    template: str
    inside: Mapping[str, Any]
    query: Mapping[str, Any]

    @property
    def names_something(self) -> bool:
        """Whether an id is in the path."""
        return any(name not in _WORDS for name in self.inside)

    def path(self, choose: Choose) -> str:
        """The path for ids that ``choose`` gives, with what the query cannot do without."""
        filled = self.template
        for name, schema in self.inside.items():
            filled = filled.replace("{" + name + "}", _value(name, schema, choose))
        query = httpx.QueryParams({name: _value(name, one, choose) for name, one in self.query.items()})
        return f"{filled}?{query}" if query else filled


async def routes_of(urls: Mapping[str, str]) -> list[Route]:
    """The routes inside a city of all services, by their own documents; a city itself is one of them."""
    found: list[Route] = []
    async with httpx.AsyncClient(timeout=10) as http:
        for service, url in urls.items():
            paths = (await http.get(f"{url}/openapi.json")).json()["paths"]
            for path, operations in paths.items():
                if path.startswith(_CITY):
                    found += [_route(service, path, name, one) for name, one in operations.items()]
    return [route for route in found if route.method in _METHODS]


def _route(service: str, path: str, method: str, operation: Mapping[str, Any]) -> Route:
    parameters = operation.get("parameters", [])
    inside = {one["name"]: one["schema"] for one in parameters if one["in"] == "path" and one["name"] != "city"}
    query = {one["name"]: one["schema"] for one in parameters if one["in"] == "query" and one.get("required")}
    return Route(service, method.upper(), path.removeprefix(_CITY).removeprefix("/"), inside, query)


def _value(name: str, schema: Mapping[str, Any], choose: Choose) -> str:
    if name in _WORDS:
        return _WORDS[name]
    if "enum" in schema:
        return str(schema["enum"][0])
    if schema.get("pattern", "").startswith(_ANY_KIND):
        return choose(FAMILY)
    prefix = re.match(r"\^\(?([a-z]{3})", schema.get("pattern", ""))
    assert prefix is not None, f"nothing is known to ask {name} for"
    return choose(prefix.group(1))
