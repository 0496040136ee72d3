"""The manifests of a plan as YAML files, and the list of them for kustomize."""

import io
from collections.abc import Sequence
from typing import Final

from ruamel.yaml import YAML
from ruamel.yaml.scalarstring import LiteralScalarString

from deploy.kubernetes import network, objects, pods
from deploy.kubernetes.examples import examples
from deploy.kubernetes.plan import Json, Plan
from deploy.services import SERVICES

_HEAD: Final = "# Generated: `make schemas` writes this from the plans in deploy/kubernetes/examples.py.\n"
_FOLDER: Final = "deploy/kubernetes"


def manifests(plan: Plan) -> dict[str, list[Json]]:
    """All objects of a deployment by the name of their file."""
    return {
        "namespace": [objects.namespace(plan)],
        "network": network.policies(plan),
        "settings": [objects.settings(plan), objects.cities(plan)],
        "topics": [pods.topics_job(plan)],
        **{name: _of_service(plan, name) for name in SERVICES},
        "operator": [pods.operator(plan)],
    }


def written() -> dict[str, str]:
    """The files of all examples by their path below the project's folder."""
    found: dict[str, str] = {}
    for plan in examples():
        folder = f"{_FOLDER}/{plan.name}"
        made = manifests(plan)
        found |= {f"{folder}/{name}.yaml": as_yaml(every) for name, every in made.items()}
        listed = {
            "apiVersion": "kustomize.config.k8s.io/v1beta1",
            "kind": "Kustomization",
            "resources": [f"{name}.yaml" for name in made],
        }
        found[f"{folder}/kustomization.yaml"] = as_yaml([listed])
    return found


def as_yaml(documents: Sequence[Json]) -> str:
    """One document after the other, the way people write them."""
    yaml = YAML()
    yaml.explicit_start = len(documents) > 1
    yaml.indent(mapping=2, sequence=4, offset=2)
    yaml.width = 4096
    text = io.StringIO()
    yaml.dump_all([_plain(document) for document in documents], text)
    return _HEAD + text.getvalue()


def _of_service(plan: Plan, name: str) -> list[Json]:
    return [objects.service(plan, name), pods.stateful_set(plan, name), objects.disruption_budget(plan, name)]


def _plain(value: object) -> object:
    """Copies of all parts: YAML would tie equal ones together. Texts of many lines stay readable."""
    if isinstance(value, dict):
        return {name: _plain(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    return LiteralScalarString(value) if isinstance(value, str) and "\n" in value else value
