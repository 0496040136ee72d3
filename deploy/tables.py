"""Generated tables of privacy: how sensitive each field is, and which role may do what."""

import importlib
import pkgutil
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from types import ModuleType
from typing import Any, Final, get_args, get_type_hints

from pydantic import BaseModel

from deploy.services import SERVICES
from shared.contracts.catalog import TOPICS
from shared.contracts.envelope import Envelope, Headers
from shared.kernel.classified import Sensitivity, sensitivities
from shared.security.grants import Permission
from shared.security.principals import ROLES
from shared.storage.repository import Repository

Model = type[Any]

_DATA_HEAD: Final = """# Fields by class

Generated from the models; `python -m deploy.documents` writes this page anew. Each model says itself how sensitive its
fields are (`shared/kernel/classified.py`); one that says nothing of a field turns a test red.

- **public**: could stand on the association's web page
- **internal**: the association's own: facts of the work, dimensions that are counted, codes, what hangs on a random id
- **personal**: says who somebody is, or leads to her: what is sealed of people, and the random ids that stand for them
- **special**: a special category (Art. 9 GDPR), or a token of one

What hangs on a random id is personal data by law as long as the registry can link it ([privacy](privacy.md)). The
classes say who may know a field by itself, and what must never be in an event: nothing personal or special is, but for
random ids and tokens, each listed with its reason in `tests/architecture/test_classified.py`.
"""
_ROLES_HEAD: Final = """# Roles and actions

Generated from the permissions of the services; `python -m deploy.documents` writes this page anew. A role may do an
action only in the cities, programmes, sites and for the carrier that its token names; a mentor reaches what is her own,
and a partner what was given to its organisation. A route that names no permission keeps its service from starting.
"""


def published() -> list[Model]:
    """Everything that events are made of."""
    return _once([Envelope, Headers, *(model for topic in TOPICS for model in _parts(topic.contract))])


def stored(service: str) -> list[Model]:
    """What a service keeps, with its parts: the aggregates that its store knows."""
    domain = f"services.{service}.domain."
    found = [one for module in _modules(f"services.{service}.store") for one in vars(module).values()]
    kinds = [one.kind for one in found if isinstance(one, Repository)]
    kinds += [one for one in found if _is_aggregate(one) and one.__module__.startswith(domain)]
    return _once([model for kind in kinds for model in _parts(kind)])


def field_names(model: Model) -> list[str]:
    """The names of a model's fields, inherited ones first."""
    return list(model.model_fields) if issubclass(model, BaseModel) else [field.name for field in fields(model)]


def permissions(service: str) -> list[Permission]:
    """What a service's routes may need, in the order of its module."""
    module = importlib.import_module(f"services.{service}.api.permissions")
    return [one for one in vars(module).values() if isinstance(one, Permission)]


def data_markdown() -> str:
    """The classes of all fields: of events, and of what each service keeps."""
    parts = [("Events", published()), *((f"Kept by {service}", stored(service)) for service in SERVICES)]
    return _DATA_HEAD + "".join(f"\n## {title}\n\n{_fields_table(models)}" for title, models in parts)


def roles_markdown(apis: Mapping[str, Any]) -> str:
    """Roles by action, and the routes of each action; ``apis`` are the services' OpenAPI documents."""
    return _ROLES_HEAD + "".join(_roles_section(service, apis[service]) for service in SERVICES)


def routes_by_permission(api: Mapping[str, Any]) -> dict[str, list[str]]:
    """The routes that need a permission, by its code."""
    found: dict[str, list[str]] = {}
    for path, methods in api["paths"].items():
        for method, operation in methods.items():
            if "x-permission" in operation:
                found.setdefault(operation["x-permission"]["code"], []).append(f"`{method.upper()} {path}`")
    return found


def _fields_table(models: list[Model]) -> str:
    head = " | ".join(Sensitivity)
    rows = "".join(f"| {model.__name__} | {' | '.join(_by_class(model))} |\n" for model in models)
    return f"| model | {head} |\n| --- |{' --- |' * len(Sensitivity)}\n{rows}"


def _by_class(model: Model) -> Iterator[str]:
    stated = sensitivities(model)
    for sensitivity in Sensitivity:
        yield ", ".join(f"`{name}`" for name in field_names(model) if stated.get(name) is sensitivity)


def _roles_section(service: str, api: Mapping[str, Any]) -> str:
    routes = routes_by_permission(api)
    rows = "".join(
        f"| `{one.code}` | {' | '.join('yes' if role in one.roles else '' for role in ROLES)} |\n"
        for one in permissions(service)
    )
    places = "".join(f"- `{one.code}`: {', '.join(routes.get(one.code, ()))}\n" for one in permissions(service))
    return (
        f"\n## {service}\n\n| action | {' | '.join(ROLES)} |\n| --- |{' --- |' * len(ROLES)}\n{rows}"
        f"\nRoutes:\n\n{places}"
    )


def _parts(model: Model) -> Iterator[Model]:
    """A model and the models in its fields; containers of the kernel are classified by the field that has them."""
    yield model
    for name, hint in get_type_hints(model).items():
        if name in field_names(model):
            for part in filter(_is_model, _types(hint)):
                yield from _parts(part)


def _is_aggregate(one: Any) -> bool:
    return isinstance(one, type) and is_dataclass(one) and {"id", "version"} <= {field.name for field in fields(one)}


def _is_model(part: Model) -> bool:
    return (is_dataclass(part) or issubclass(part, BaseModel)) and not part.__module__.startswith("shared.kernel.")


def _types(hint: Any) -> Iterator[Model]:
    if isinstance(hint, type) and not get_args(hint):
        yield hint
    for part in get_args(hint):
        yield from _types(part)


def _modules(package: str) -> list[ModuleType]:
    root = importlib.import_module(package)
    names = [found.name for found in pkgutil.iter_modules(root.__path__, f"{package}.")]
    return [root, *map(importlib.import_module, names)]


def _once(models: list[Model]) -> list[Model]:
    return list(dict.fromkeys(models))
