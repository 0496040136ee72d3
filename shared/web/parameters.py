"""Query parameters that a route does not know: refused like unknown fields of a body, so that no filter is a typo."""

from collections.abc import Iterator
from typing import Any

from starlette.requests import Request

from shared.kernel.errors import Finding, Refused
from shared.web.findings import LONGEST_NAME, MOST_FINDINGS


def refuse_unknown_parameters(request: Request) -> None:
    """Raises ``Refused`` (422) naming each unknown parameter, and those that the route knows."""
    if not request.query_params:
        return
    known = sorted(set(_known(getattr(request.scope.get("route"), "dependant", None))))
    unknown = [name for name in request.query_params if name not in known]
    if unknown:
        expected = ", ".join(known) or "no parameters"
        findings = [Finding(f"?{name[:LONGEST_NAME]}", "unknown-parameter", expected) for name in unknown]
        raise Refused("invalid", tuple(findings[:MOST_FINDINGS]))


def _known(dependant: Any) -> Iterator[str]:
    """The names of a route's parameters as FastAPI has worked them out, those of its dependencies too."""
    if dependant is None:
        return
    for field in dependant.query_params:
        yield field.alias
    for inner in dependant.dependencies:
        yield from _known(inner)
