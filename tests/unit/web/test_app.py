"""What an application is refused for, and what it tells of itself."""

import asyncio
import re
from html import escape
from pathlib import Path

import pytest
from fastapi import APIRouter, FastAPI
from jsonschema import Draft202012Validator

from shared.storage.mongo import MongoFault
from shared.testing.tokens import TestTokens
from shared.web import health
from shared.web.catalogues import LANGUAGES, choose_language, read_catalogue, shared_catalogues
from shared.web.permissions import RouteWithoutPermission, demand_permissions, needs
from shared.web.problems import CODE_OF_STATUS
from tests.unit.web.parts import KEEP, Shelf, cities, router, shelf

ROOT = Path(__file__).parents[3]
LOCALE = ROOT / "shared" / "web" / "locale"


def bare_router() -> APIRouter:
    bare = APIRouter(prefix="/v1/cities/{city}/secrets")

    @bare.get("")
    async def list_secrets() -> list[str]:
        return ["open to all"]

    return bare


def test_route_without_a_permission_stops_the_start(tokens: TestTokens) -> None:
    with pytest.raises(RouteWithoutPermission, match=re.escape("/v1/cities/{city}/secrets")):
        shelf(tokens, (cities, router, bare_router()))


def test_route_without_a_permission_is_found_however_deep_it_is_included(tokens: TestTokens) -> None:
    outer, middle = APIRouter(), APIRouter()
    middle.include_router(bare_router())
    outer.include_router(middle)
    with pytest.raises(RouteWithoutPermission, match="secrets"):
        shelf(tokens, (outer,))


def test_permission_of_a_whole_router_counts_and_a_mounted_application_does_not(tokens: TestTokens) -> None:
    outer = APIRouter(dependencies=[needs(KEEP)])
    outer.include_router(bare_router())
    shelf(tokens, (outer,))
    app = FastAPI(docs_url=None, redoc_url=None)
    app.mount("/files", FastAPI())
    with pytest.raises(RouteWithoutPermission, match="/files"):
        demand_permissions(app)


async def test_openapi_tells_who_may_and_how_it_refuses(service: Shelf) -> None:
    schema = (await service.bare().get("/openapi.json")).json()
    assert schema["openapi"].startswith("3.1")
    assert schema["components"]["securitySchemes"] == {
        "token": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
    }
    assert "HTTPValidationError" not in str(schema)
    operations = {(path, verb): told for path, verbs in schema["paths"].items() for verb, told in verbs.items()}
    assert [told["operationId"] for told in operations.values()].count("keep_box") == 1
    kept = operations["/v1/cities/{city}/boxes", "post"]
    assert kept["security"] == [{"token": []}]
    assert kept["x-permission"] == {"code": "boxes.keep", "roles": ["city", "coordinator"]}
    assert {"201", "400", "401", "403", "404", "409", "413", "415", "422", "503"} <= set(kept["responses"])
    assert {item["name"] for item in kept["parameters"]} == {"city", "Idempotency-Key"}
    patched = operations["/v1/cities/{city}/boxes/{box_id}", "patch"]
    assert {"412", "428"} <= set(patched["responses"])
    assert {item["name"] for item in patched["parameters"]} == {"city", "box_id", "If-Match"}
    emptied, broken = (operations[f"/v1/cities/{{city}}/boxes/{{box_id}}:{act}", "post"] for act in ("empty", "break"))
    assert {item["name"] for item in emptied["parameters"]} == {"city", "box_id", "Idempotency-Key", "If-Match"}
    assert "428" in emptied["responses"]
    assert "428" not in broken["responses"]
    for (path, _), told in operations.items():
        public = path.startswith(("/health", "/version", "/metrics"))
        assert (told["security"] == []) is public
        for status, response in told["responses"].items():
            if status.startswith(("4", "5")):
                assert list(response["content"]) == ["application/problem+json"]


async def test_problem_is_of_the_shape_that_openapi_tells(service: Shelf) -> None:
    schema = (await service.bare().get("/openapi.json")).json()
    validator = Draft202012Validator(schema["components"]["schemas"]["Problem"])
    for answer in (
        await service.bare().get("/v1/x"),
        await service.client().post("/v1/cities/rostock/boxes", json={"label": ""}),
    ):
        validator.validate(answer.json())


async def test_health_says_which_check_fails_and_why(tokens: TestTokens, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "LONGEST_CHECK", 0.02)

    async def fine() -> str | None:
        return None

    async def wrong() -> str | None:
        return "12 rows wait"

    async def away() -> str | None:
        raise MongoFault("host and password")

    async def slow() -> str | None:
        await asyncio.sleep(60)
        return None

    sick = shelf(tokens, checks={"a": fine, "b": wrong, "c": away, "d": slow}, alive=lambda: False).bare()
    answer = await sick.get("/health/ready")
    assert answer.status_code == 503
    assert answer.json() == {
        "status": "failing",
        "checks": {"a": "ok", "b": "12 rows wait", "c": "cannot be asked: PyMongoError", "d": "no answer in time"},
    }
    assert (await sick.get("/health/live")).status_code == 503
    assert (await sick.get("/health/startup")).status_code == 200
    well = shelf(tokens, checks={"a": fine}, started=lambda: False).bare()
    assert (await well.get("/health/ready")).json() == {"status": "ok", "checks": {"a": "ok"}}
    assert (await well.get("/health/startup")).status_code == 503


async def test_service_that_needs_an_operator_serves_and_is_not_ready(tokens: TestTokens) -> None:
    async def fine() -> str | None:
        return None

    async def wrong() -> str | None:
        return "12 rows wait"

    unwell = shelf(tokens, serving={"store": fine}, checks={"rows": wrong}).bare()
    answer = await unwell.get("/health/serving")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok", "checks": {"store": "ok"}})
    answer = await unwell.get("/health/ready")
    assert (answer.status_code, answer.json()["checks"]) == (503, {"store": "ok", "rows": "12 rows wait"})
    away = shelf(tokens, serving={"store": wrong}, checks={"rows": fine}).bare()
    assert [(await away.get(f"/health/{asked}")).status_code for asked in ("serving", "ready")] == [503, 503]


async def test_version_names_release_and_commit(service: Shelf) -> None:
    told = (await service.bare().get("/version")).json()
    assert told == {"service": "shelf", "version": "1.2.3", "commit": "abc", "env": "test"}


async def test_documentation_lists_each_operation_and_loads_nothing(service: Shelf) -> None:
    page = (await service.bare().get("/docs")).text
    assert escape("/v1/cities/{city}/boxes/{box_id}") in page
    assert not re.search(r"https?://|<script|<link", page)


async def test_type_of_a_problem_is_a_page_in_both_languages(service: Shelf) -> None:
    page = await service.bare().get("/problems/shelf/not-found")
    assert page.status_code == 200
    assert "Das gibt es hier nicht." in page.text
    assert "This does not exist here." in page.text
    strange = await service.bare().get("/problems/shelf/%3Cscript%3Ealert(1)")
    assert strange.status_code == 404
    assert "<script" not in strange.text


@pytest.mark.parametrize(
    ("accept", "language"),
    [
        ("", "de"),
        ("en", "en"),
        ("en-GB,en;q=0.9,de;q=0.8", "en"),
        ("de;q=0.5, en;q=0.4", "de"),
        ("fr, ar", "de"),
        ("en;q=0", "de"),
        ("en;q=x", "de"),
        ("*", "de"),
    ],
)
async def test_problem_speaks_the_language_that_was_asked_for(service: Shelf, accept: str, language: str) -> None:
    assert choose_language(accept) == language
    answer = await service.bare({"Accept-Language": accept}).get("/v1/x")
    assert answer.headers["content-language"] == language
    assert answer.headers["vary"] == "Accept-Language"
    assert answer.json()["title"] == {"de": "Es fehlt ein Zugangstoken.", "en": "An access token is missing."}[language]


def test_service_words_go_before_shared_ones_and_both_languages_must_be_there(tmp_path: Path) -> None:
    for language, words in (("de", "Voll."), ("en", "Full.")):
        folder = tmp_path / language / "LC_MESSAGES"
        folder.mkdir(parents=True)
        text = f'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\nmsgid "conflict"\nmsgstr "{words}"\n'
        (folder / "shelf.po").write_text(text)
    catalogues = shared_catalogues()
    catalogues.register("shelf", tmp_path)
    assert catalogues.text("conflict", "de", "shelf") == "Voll."
    assert catalogues.text("conflict", "en", "shelf") == "Full."
    assert catalogues.text("gone", "de", "shelf") == "Das gibt es nicht mehr."
    (tmp_path / "en" / "LC_MESSAGES" / "shelf.po").unlink()
    with pytest.raises(OSError, match="shelf"):
        catalogues.register("shelf", tmp_path)


def test_shared_catalogues_are_complete_in_both_languages() -> None:
    words = {language: read_catalogue(LOCALE, language, "problems") for language in LANGUAGES}
    assert set(words["de"]) == set(words["en"])
    assert all(words["de"][code] != words["en"][code] for code in words["de"])
    assert set(CODE_OF_STATUS.values()) <= set(words["de"])


def test_each_code_that_the_shared_floors_refuse_with_has_words() -> None:
    raised = re.compile(
        r"(?:Refused|Forbidden|Conflict|VersionLost|NotYetKnown|Unavailable|SealBroken|TokenRefused)"
        r"\(\s*\"([a-z-]+)\"|WireRefusal\(\s*\d+,\s*\"([a-z-]+)\""
    )
    files = [file for floor in ("security", "storage", "web") for file in (ROOT / "shared" / floor).rglob("*.py")]
    codes = {code for file in files for groups in raised.findall(file.read_text()) for code in groups if code}
    assert {"token-refused", "version-lost", "cursor-form", "role-not-enough"} <= codes
    assert codes <= set(read_catalogue(LOCALE, "de", "problems"))
