"""Who may talk to whom. Nobody, besides: services never call each other."""

from collections.abc import Sequence

from deploy.kubernetes.objects import OPERATOR, SERVICE, meta
from deploy.kubernetes.plan import PORT, Json, Plan

_COMPONENT = "app.kubernetes.io/component"
_NAMESPACE = "kubernetes.io/metadata.name"


def policies(plan: Plan) -> list[Json]:
    """Everything is refused that none of these allows."""
    ours = {"matchLabels": {"app.kubernetes.io/part-of": "tueroeffner"}}
    services, operator = _only(SERVICE), _only(OPERATOR)
    callers = [_in(plan.proxy), _in(plan.watcher), {"podSelector": operator}]
    resolver = {"to": [_in("kube-system")], "ports": [_port(53, "UDP"), _port(53)]}
    stores = [{"to": [_in(one.namespace)], "ports": [_port(one.port)]} for one in (plan.mongo, plan.brokers)]
    return [
        _policy(plan, "nobody", {}, ingress=[], egress=[]),
        _policy(plan, "callers-of-services", services, ingress=[{"from": callers, "ports": [_port(PORT)]}]),
        _policy(plan, "servers-of-all", ours, egress=[resolver, *stores]),
        _policy(
            plan, "services-of-operator", operator, egress=[{"to": [{"podSelector": services}], "ports": [_port(PORT)]}]
        ),
    ]


def _policy(
    plan: Plan, name: str, pods: Json, *, ingress: Sequence[Json] | None = None, egress: Sequence[Json] | None = None
) -> Json:
    directions = {"Ingress": ingress, "Egress": egress}
    spec: Json = {"podSelector": pods, "policyTypes": [kind for kind, rules in directions.items() if rules is not None]}
    spec |= {kind.lower(): list(rules) for kind, rules in directions.items() if rules}
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": meta(plan, name, "network"),
        "spec": spec,
    }


def _only(component: str) -> Json:
    return {"matchLabels": {_COMPONENT: component, "app.kubernetes.io/part-of": "tueroeffner"}}


def _in(namespace: str) -> Json:
    return {"namespaceSelector": {"matchLabels": {_NAMESPACE: namespace}}}


def _port(number: int, protocol: str = "TCP") -> Json:
    return {"protocol": protocol, "port": number}
