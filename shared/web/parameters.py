"""Query parameters that a route does not know, or that come twice: refused like unknown fields of a body, so that no
filter is a typo. No route takes a list.
"""

from collections.abc import Iterator
from typing import Any

from starlette.requests import Request

from shared.kernel.errors import Finding, Refused
from shared.web.findings import LONGEST_NAME, MOST_FINDINGS


def refuse_unknown_parameters(request: Request) -> None:
    """Raises ``Refused`` (422) naming each unknown parameter and the known ones, or each that comes twice."""
    if not request.scope["query_string"]:
        return
    known = sorted(set(_known(getattr(request.scope.get("route"), "dependant", None))))
    unknown = [name for name in request.query_params if name not in known]
    if unknown:
        expected = ", ".join(known) or "no parameters"
        findings = [Finding(f"?{name[:LONGEST_NAME]}", "unknown-parameter", expected) for name in unknown]
        raise Refused("invalid", tuple(findings[:MOST_FINDINGS]))
    names = [name for name, _ in request.query_params.multi_items()]
    twice = [Finding(f"?{name}", "given-twice", "one value") for name in known if names.count(name) > 1]
    if twice:
        raise Refused("invalid", tuple(twice))


def _known(dependant: Any) -> Iterator[str]:
    """The names of a route's parameters as FastAPI has worked them out, those of its dependencies too."""
    if dependant is None:
        return
    for field in dependant.query_params:
        yield field.alias
    for inner in dependant.dependencies:
        yield from _known(inner)
