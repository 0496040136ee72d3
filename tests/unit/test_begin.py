"""What a service loads when it starts, and what it leaves for later."""

import json
import subprocess
import sys

import pytest

from deploy.services import SERVICES

HEAVY = (
    "ortools", "numpy", "numba", "scipy", "pandas", "typst", "jinja2", "xlsxwriter", "openpyxl", "httpx._client",
    "rich.console", "pydantic.v1", "cattrs", "opentelemetry.sdk",
)  # fmt: skip
LOADED = "import json, sys; print(json.dumps([m for m in {} if sys.modules.get(m) is not None]))"
BEGUN = """
from importlib import import_module
from shared.runtime.begin import loaded_lightly
with loaded_lightly():
    {}
"""


def loaded_after(code: str) -> list[str]:
    """Which heavy libraries a fresh Python has loaded after running ``code``."""
    script = f"{code}\n{LOADED.format(repr(HEAVY))}"
    output = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True).stdout
    found: list[str] = json.loads(output.splitlines()[-1])
    return found


@pytest.mark.parametrize("service", SERVICES)
def test_service_starts_without_what_it_may_never_need(service: str) -> None:
    wired = f"import_module('shared.runtime.main'); import_module('services.{service}.app')"
    assert loaded_after(BEGUN.format(wired)) == []


def test_rule_sees_what_is_loaded_where_nobody_takes_care() -> None:
    assert {"httpx._client", "rich.console"} <= set(loaded_after("import pymongo.encryption, structlog, rich.console"))


def test_library_that_was_put_off_is_there_when_it_is_used() -> None:
    used = "early = import_module('httpx')\nassert early.URL('http://haus/ost').path == '/ost'\nimport httpx"
    assert "httpx._client" in loaded_after(BEGUN.format("early = None") + used)
    inside = BEGUN.format("import httpx as early") + "assert early.URL('http://haus/ost').path == '/ost'"
    assert "httpx._client" in loaded_after(inside)
    assert "httpx._client" not in loaded_after(BEGUN.format("import httpx as early"))
