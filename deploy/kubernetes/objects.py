"""The objects that have no pods: the namespace, settings, cities, services, and how many pods may be away at once."""

import json
from typing import Final

from deploy.kubernetes.plan import PORT, Json, Plan
from shared.kernel.canonical import content_hash

SERVICE: Final = "service"
OPERATOR: Final = "operator"
TOPICS: Final = "topics"


def meta(plan: Plan, name: str, component: str, app: str | None = None) -> Json:
    """An object's name, place and labels; ``app`` is whose it is where that is not its name."""
    return {"name": name, "namespace": plan.namespace, "labels": plan.labels(app or name, component)}


def named_by_content(name: str, content: Json) -> str:
    """A name that changes with the content: what is new is rolled out, and what runs keeps what it began with."""
    return f"{name}-{content_hash(content)[:8]}"


def namespace(plan: Plan) -> Json:
    """Kubernetes itself refuses pods in it that are not locked down."""
    levels = {f"pod-security.kubernetes.io/{mode}": "restricted" for mode in ("enforce", "audit", "warn")}
    labels = {**plan.labels(plan.namespace, "namespace"), **levels}
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": plan.namespace, "labels": labels}}


def settings(plan: Plan) -> Json:
    """What all processes are told; nothing in it is secret."""
    data = plan.settings()
    made = meta(plan, named_by_content("settings", data), "settings", "settings")
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": made, "immutable": True, "data": data}


def cities(plan: Plan) -> Json:
    """The cities' files for ``tueroeffner city add``, which the operator's pod can read."""
    data = {f"{city['slug']}.json": _lines(city) for city in plan.cities}
    made = meta(plan, named_by_content("cities", data), "cities", "cities")
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": made, "immutable": True, "data": data}


def service(plan: Plan, name: str) -> Json:
    """Where a service is found inside the cluster."""
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": meta(plan, name, SERVICE),
        "spec": {
            "selector": plan.labels(name, SERVICE),
            "ports": [{"name": "http", "port": PORT, "targetPort": "http", "appProtocol": "http"}],
        },
    }


def disruption_budget(plan: Plan, name: str) -> Json:
    """One pod at a time may be taken away; one that does not work may always be."""
    return {
        "apiVersion": "policy/v1",
        "kind": "PodDisruptionBudget",
        "metadata": meta(plan, name, SERVICE),
        "spec": {
            "maxUnavailable": 1,
            "unhealthyPodEvictionPolicy": "AlwaysAllow",
            "selector": {"matchLabels": plan.labels(name, SERVICE)},
        },
    }


def _lines(city: Json) -> str:
    """JSON with a district on each line, so that a change of one is a line of a difference."""
    districts = ",\n  ".join(json.dumps(row, ensure_ascii=False) for row in city["districts"])
    rest = json.dumps({name: value for name, value in city.items() if name != "districts"}, ensure_ascii=False)
    return f'{rest[:-1]}, "districts": [\n  {districts}\n]}}\n'
