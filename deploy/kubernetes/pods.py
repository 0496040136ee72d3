"""What runs: the services, the topics' step, and the operator's own pod, all locked down alike."""

from typing import Final

from deploy.kubernetes.objects import OPERATOR, SERVICE, TOPICS, cities, meta, named_by_content, settings
from deploy.kubernetes.plan import (
    CITIES_AT,
    JWKS,
    MASTER_KEY,
    PORT,
    SECRET,
    SECRETS_AT,
    SIZES,
    USER,
    Json,
    Plan,
)
from shared.runtime.settings import Settings

_STOP_SECONDS: Final = int(Settings.model_fields["stop_seconds"].default)
_LEAVES: Final = 5
"""Seconds before SIGTERM in which proxies learn that this pod takes no more requests."""
_TASKS_END: Final = 10
"""Seconds that a process's tasks may take to end after the last request."""
GRACE: Final = _LEAVES + _STOP_SECONDS + _TASKS_END + 5


def stateful_set(plan: Plan, name: str) -> Json:
    """A service. Its pods keep their numbers, so that each is the same member of Kafka's group after a restart."""
    labels = plan.labels(name, SERVICE)
    container = {
        **_container(plan, name, plan.image(name)),
        "env": [
            {"name": "TUEROEFFNER_ORDINAL", "valueFrom": {"fieldRef": {"fieldPath": _INDEX}}},
            {"name": "TUEROEFFNER_ROOT_PATH", "value": f"/{name}"},
        ],
        "ports": [{"name": "http", "containerPort": PORT}],
        "startupProbe": _probe("startup", period=2, failures=60),
        "livenessProbe": _probe("live", period=10, failures=3),
        "readinessProbe": _probe("serving", period=5, failures=2),
        "lifecycle": {"preStop": {"exec": {"command": ["sleep", str(_LEAVES)]}}},
    }
    return {
        "apiVersion": "apps/v1",
        "kind": "StatefulSet",
        "metadata": meta(plan, name, SERVICE),
        "spec": {
            "replicas": plan.replicas,
            "serviceName": name,
            "podManagementPolicy": "Parallel",
            "minReadySeconds": 5,
            "selector": {"matchLabels": labels},
            "template": {
                "metadata": {"labels": labels},
                "spec": {
                    **_pod([container]),
                    "terminationGracePeriodSeconds": GRACE,
                    "topologySpreadConstraints": [_apart(labels)],
                },
            },
        },
    }


def topics_job(plan: Plan) -> Json:
    """Makes and configures the topics, once for each release and each change of settings; services only check them."""
    container = _container(plan, "topics", plan.image("registry")) | {"command": ["tueroeffner", "topics", "apply"]}
    pod = {**_pod([container]), "restartPolicy": "OnFailure"}
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        # A Job cannot be changed, so another one has another name.
        "metadata": meta(plan, named_by_content("topics", pod), TOPICS, "topics"),
        "spec": {
            "backoffLimit": 20,
            "ttlSecondsAfterFinished": 86_400,
            "template": {"metadata": {"labels": plan.labels("topics", TOPICS)}, "spec": pod},
        },
    }


def operator(plan: Plan) -> Json:
    """Nothing, until an operator scales it to one: then a place for ``kubectl exec … tueroeffner``."""
    labels = plan.labels(OPERATOR, OPERATOR)
    container = _container(plan, OPERATOR, plan.image("registry")) | {"command": ["sleep", "infinity"]}
    container["volumeMounts"] = [*container["volumeMounts"], {"name": "cities", "mountPath": CITIES_AT}]
    pod = _pod([container])
    pod["volumes"] = [*pod["volumes"], {"name": "cities", "configMap": {"name": cities(plan)["metadata"]["name"]}}]
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": meta(plan, OPERATOR, OPERATOR),
        "spec": {
            "replicas": 0,
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": {**pod, "terminationGracePeriodSeconds": 1}},
        },
    }


_INDEX: Final = "metadata.labels['apps.kubernetes.io/pod-index']"


def _container(plan: Plan, name: str, image: str) -> Json:
    size = plan.sizes.get(name, SIZES["registry"])
    return {
        "name": name,
        "image": image,
        "imagePullPolicy": "IfNotPresent",
        "envFrom": [{"configMapRef": {"name": settings(plan)["metadata"]["name"]}}],
        "resources": size.as_resources(),
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        },
        "volumeMounts": [
            {"name": "keys", "mountPath": SECRETS_AT, "readOnly": True},
            {"name": "tmp", "mountPath": "/tmp"},  # noqa: S108  # a folder of the pod's own
        ],
    }


def _pod(containers: list[Json]) -> Json:
    files = [{"key": key, "path": key} for key in (MASTER_KEY, JWKS)]
    return {
        # Kubernetes would add variables such as REGISTRY_PORT, and with our prefix ones that are settings.
        "enableServiceLinks": False,
        "automountServiceAccountToken": False,
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": USER,
            "runAsGroup": USER,
            "fsGroup": USER,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "containers": containers,
        "volumes": [
            {"name": "keys", "secret": {"secretName": SECRET, "defaultMode": 0o440, "items": files}},
            {"name": "tmp", "emptyDir": {"sizeLimit": "256Mi"}},
        ],
    }


def _probe(question: str, *, period: int, failures: int) -> Json:
    return {
        "httpGet": {"path": f"/health/{question}", "port": "http"},
        "periodSeconds": period,
        # Checks are asked side by side, and each of them has three seconds.
        "timeoutSeconds": 4,
        "failureThreshold": failures,
    }


def _apart(labels: dict[str, str]) -> Json:
    return {
        "maxSkew": 1,
        "topologyKey": "kubernetes.io/hostname",
        "whenUnsatisfiable": "ScheduleAnyway",
        "labelSelector": {"matchLabels": labels},
    }
