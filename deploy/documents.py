"""Generated documents of what stands above the contracts: metrics, settings, APIs, benchmarks, tables of privacy.

``python -m deploy.documents`` writes them all, and those of the contracts; nothing is connected for it.
"""

import importlib
import importlib.util
import json
from pathlib import Path
from typing import Any, Final

from fastapi import FastAPI

from deploy import tables
from deploy.bench import page as benchmarks
from deploy.grafana import boards as grafana
from deploy.kubernetes import render as kubernetes
from deploy.services import SERVICES
from shared.contracts import asyncapi
from shared.contracts import documents as contracts
from shared.observability.metrics import Metrics, metrics_markdown
from shared.runtime.release import VERSION
from shared.runtime.service import Service
from shared.runtime.settings import settings_markdown
from shared.security.tokens import TokenVerifier
from shared.storage.mongo import Mongo
from shared.storage.store import Store
from shared.web.app import create_app

ROOT: Final = Path(__file__).resolve().parents[1]
_NOWHERE: Final = "mongodb://127.0.0.1:9/?replicaSet=none"
_SETTINGS_HEAD: Final = """# Settings

Generated from the settings; `make schemas` writes this page anew. Every process reads them once, at its start, from the
environment. `TUEROEFFNER_<SERVICE>_<NAME>` wins over `TUEROEFFNER_<NAME>`, so that one environment can serve all four
services. A name with this prefix that is not in the table, and a value that does not fit, stop the start; every fault
is named at once (exit code 2).

"""


def services() -> dict[str, Service]:
    """The services that are built, by name."""
    found: dict[str, Service] = {}
    for name in SERVICES:
        if importlib.util.find_spec(f"services.{name}.app") is not None:
            found[name] = importlib.import_module(f"services.{name}.app").SERVICE
    return found


def unconnected_app(service: Service) -> FastAPI:
    """The service's application as it would serve, with a store that is connected to nothing."""
    store = Store(Mongo(_NOWHERE, service.name), bytes(96), service.layout)
    metrics = Metrics(service.name)
    extra: dict[str, Any] = {"metrics": metrics}
    if service.extend is not None:
        extra |= service.extend(store)
    return create_app(
        name=service.name,
        title=service.title,
        routers=service.routers,
        store=store,
        verifier=TokenVerifier({}),
        metrics=metrics,
        serving={},
        checks={},
        extra=extra,
        version=VERSION,
        commit="none",
        words=service.words,
        started=lambda: False,
        alive=lambda: True,
    )


def openapi(service: Service) -> str:
    """The service's OpenAPI document, sorted, so that two of them can be compared line by line."""
    return json.dumps(unconnected_app(service).openapi(), ensure_ascii=False, indent=2, sort_keys=True) + "\n"


def written() -> dict[str, str]:
    """Every generated file of the project by its path below the project's folder."""
    apis = {name: openapi(service) for name, service in services().items()}
    return {
        **contracts.written(),
        **grafana.files(),
        **kubernetes.written(),
        **asyncapi.written(VERSION),
        "docs/metrics.md": metrics_markdown(),
        "docs/settings.md": _SETTINGS_HEAD + settings_markdown(),
        **benchmarks.written(),
        "docs/data.md": tables.data_markdown(),
        "docs/roles.md": tables.roles_markdown({name: json.loads(api) for name, api in apis.items()}),
        **{f"docs/api/{name}.json": api for name, api in apis.items()},
    }


if __name__ == "__main__":
    contracts.write_below(ROOT, written())
