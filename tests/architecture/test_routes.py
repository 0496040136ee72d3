"""Every route: in a city, or on a short list; with a permission, or public; and named once."""

import re
from typing import Any

import pytest
from fastapi import APIRouter, FastAPI
from fastapi.routing import iter_route_contexts

from deploy.documents import services, unconnected_app
from shared.security.grants import Permission
from shared.security.principals import MENTOR, ROLES
from shared.web.permissions import CHANGING, PUBLIC, Needed, RouteWithoutPermission, demand_permissions, needed_of
from tests.architecture.source import SERVICES

IN_A_CITY = re.compile(r"/v1/cities/{city}(/[a-z-]+(/{\w+})?)*(:[a-z]+)?(/[a-z-]+)?")
# Whoever adds a line says why no city is in it.
WITHOUT_CITY = {"/v1/cities": "cities themselves: opened by the association, listed for whoever may see them"}
# A POST that changes nothing: what is asked for is too long for an address, or must not stand in one.
READS_BY_POST = {("auditor", "reports.read"), ("partner", "certificates.verify")}


@pytest.fixture(scope="module")
def apps() -> dict[str, FastAPI]:
    return {name: unconnected_app(service) for name, service in services().items()}


def routes(app: FastAPI) -> list[tuple[str, frozenset[str], Permission | None]]:
    return [
        (str(route.path), frozenset(route.methods or ()), _permission(needed_of(route)))
        for route in iter_route_contexts(app.routes)
    ]


def _permission(needed: Needed | None) -> Permission | None:
    return None if needed is None else needed.permission


@pytest.mark.parametrize("service", SERVICES)
def test_every_route_is_in_a_city_or_on_the_list(service: str, apps: dict[str, FastAPI]) -> None:
    paths = {path for path, *_ in routes(apps[service])}
    assert len(paths) > 12
    assert [path for path in paths if not (path in PUBLIC or path in WITHOUT_CITY or IN_A_CITY.fullmatch(path))] == []


@pytest.mark.parametrize("service", SERVICES)
def test_every_route_has_a_permission_of_one_form(service: str, apps: dict[str, FastAPI]) -> None:
    for path, _, needed in routes(apps[service]):
        assert (needed is None) == (path in PUBLIC), path
        if needed is not None:
            assert re.fullmatch(r"[a-z]+\.[a-z_]+", needed.code), needed.code
            assert needed.roles <= set(ROLES)


def test_a_permission_means_the_same_roles_wherever_it_is_needed(apps: dict[str, FastAPI]) -> None:
    meant: dict[str, set[frozenset[str]]] = {}
    for app in apps.values():
        for _, _, needed in routes(app):
            if needed is not None:
                meant.setdefault(needed.code, set()).add(needed.roles)
    assert {code: roles for code, roles in meant.items() if len(roles) > 1} == {}
    assert len(meant) > 20


def test_who_only_reads_and_mentors_change_nothing_but_what_is_theirs(apps: dict[str, FastAPI]) -> None:
    changed = {
        (role, needed.code)
        for app in apps.values()
        for _, methods, needed in routes(app)
        if needed is not None and methods & {"POST", *CHANGING}
        for role in needed.roles & {MENTOR, "auditor", "partner", "service"}
    }
    assert changed <= {(MENTOR, "visits.log"), (MENTOR, "visits.read_notes")} | READS_BY_POST


def test_rule_sees_a_route_outside_of_every_city_and_one_that_nobody_guards() -> None:
    for path in ("/v1/families", "/v1/cities/{city}", "/v2/cities/{city}/families", "/v1/cities/{city}/families/{a}:b"):
        assert bool(IN_A_CITY.fullmatch(path)) == path.startswith("/v1/cities/{city}")
    app: Any = FastAPI()
    router = APIRouter()
    router.add_api_route("/v1/cities/{city}/open", lambda: None)
    app.include_router(router)
    with pytest.raises(RouteWithoutPermission, match="open"):
        demand_permissions(app)
