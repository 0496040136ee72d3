"""The manifests for Kubernetes: valid, locked down, and with settings that the services take."""

import copy
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
from ruamel.yaml import YAML

from deploy.kubernetes.examples import examples
from deploy.kubernetes.plan import Plan
from deploy.kubernetes.pods import GRACE
from deploy.kubernetes.render import manifests, written
from services.registry.api.places import CityBody
from shared.runtime.settings import PREFIX, Settings, read_settings
from shared.web.health import LONGEST_CHECK

ROOT = Path(__file__).resolve().parents[2]
OLDEST, NEWEST = "1.28", kubernetes_validate.latest_version()
SERVICES = ("registry", "visits", "matching", "reporting")
PLANS = {plan.name: plan for plan in examples()}
Json = dict[str, Any]


def committed(plan: Plan) -> list[Json]:
    """All objects in the YAML files, as kubectl would read them."""
    folder = ROOT / "deploy/kubernetes" / plan.name
    listed = YAML(typ="safe").load(folder / "kustomization.yaml")["resources"]
    return [found for name in listed for found in YAML(typ="safe").load_all(folder / name)]


def of_kind(objects: list[Json], kind: str) -> list[Json]:
    return [one for one in objects if one["kind"] == kind]


def pods(objects: list[Json]) -> Iterator[tuple[str, Json]]:
    """Every pod's specification by the name of what makes it."""
    for one in objects:
        if one["kind"] in ("StatefulSet", "Deployment", "Job"):
            yield one["metadata"]["name"], one["spec"]["template"]["spec"]


def open_doors(pod: Json) -> list[str]:
    """What is not locked in a pod."""
    inside, found = pod["securityContext"], []
    if pod.get("enableServiceLinks") is not False:
        found.append("service links")
    if pod.get("automountServiceAccountToken") is not False:
        found.append("account's token")
    if not inside.get("runAsNonRoot") or inside.get("seccompProfile") != {"type": "RuntimeDefault"}:
        found.append("root or system calls")
    found += [name for name in ("hostNetwork", "hostPID", "hostIPC") if name in pod]
    found += [volume["name"] for volume in pod["volumes"] if not volume.keys() & {"secret", "emptyDir", "configMap"}]
    for container in pod["containers"] + pod.get("initContainers", []):
        context = container["securityContext"]
        locked = {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]}}
        found += [name for name, value in locked.items() if context.get(name) != value]
        if not re.fullmatch(r"tueroeffner-[a-z]+:\d+\.\d+\.\d+", container["image"]):
            found.append(f"image {container['image']}")
        resources = container["resources"]
        if not {"cpu", "memory"} <= resources["requests"].keys() or "memory" not in resources["limits"]:
            found.append("resources")
        found += [entry["name"] for entry in container.get("env", []) if "secretKeyRef" in entry.get("valueFrom", {})]
    return found


@pytest.fixture(params=sorted(PLANS))
def plan(request: pytest.FixtureRequest) -> Plan:
    return PLANS[request.param]


@pytest.fixture
def objects(plan: Plan) -> list[Json]:
    return committed(plan)


def test_kustomize_lists_every_file_and_the_files_are_what_the_plan_makes(plan: Plan, objects: list[Json]) -> None:
    assert objects == json.loads(json.dumps([one for every in manifests(plan).values() for one in every]))
    folder = ROOT / "deploy/kubernetes" / plan.name
    there = {str(path.relative_to(ROOT)) for path in folder.iterdir()}
    assert there == {path for path in written() if path.startswith(f"deploy/kubernetes/{plan.name}/")}
    names = [(one["kind"], one["metadata"]["name"]) for one in objects]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("version", [OLDEST, NEWEST])
def test_every_object_is_valid_for_the_oldest_and_the_newest_kubernetes(objects: list[Json], version: str) -> None:
    for one in objects:
        kubernetes_validate.validate(one, version, strict=True)
    wrong = copy.deepcopy(of_kind(objects, "StatefulSet")[0])
    wrong["spec"]["template"]["spec"]["containers"][0]["readinesProbe"] = {}
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(wrong, version, strict=True)


def test_every_pod_is_locked_down(objects: list[Json]) -> None:
    assert {name: open_doors(pod) for name, pod in pods(objects) if open_doors(pod)} == {}
    [namespace] = of_kind(objects, "Namespace")
    assert namespace["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"
    inside = {one["metadata"]["namespace"] for one in objects if one["kind"] != "Namespace"}
    assert inside == {namespace["metadata"]["name"]}


def test_rule_sees_every_door_that_is_open(objects: list[Json]) -> None:
    pod = copy.deepcopy(dict(pods(objects))["visits"])
    del pod["enableServiceLinks"], pod["automountServiceAccountToken"], pod["securityContext"]["runAsNonRoot"]
    pod |= {"hostNetwork": True, "volumes": [*pod["volumes"], {"name": "host", "hostPath": {"path": "/"}}]}
    [container] = pod["containers"]
    container |= {"image": "tueroeffner-visits:latest", "resources": {"requests": {}, "limits": {}}}
    container["securityContext"] = {"capabilities": {"drop": ["NET_RAW"]}}
    container["env"].append({"name": "TUEROEFFNER_KAFKA", "valueFrom": {"secretKeyRef": {"name": "x", "key": "y"}}})
    assert open_doors(pod) == [
        "service links", "account's token", "root or system calls", "hostNetwork", "host", "allowPrivilegeEscalation",
        "readOnlyRootFilesystem", "capabilities", "image tueroeffner-visits:latest", "resources", "TUEROEFFNER_KAFKA",
    ]  # fmt: skip


@pytest.mark.parametrize("service", SERVICES)
def test_settings_are_those_that_the_service_takes(
    objects: list[Json], service: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    [settings] = [one for one in of_kind(objects, "ConfigMap") if one["metadata"]["name"].startswith("settings-")]
    [container] = dict(pods(objects))[service]["containers"]
    assert container["envFrom"] == [{"configMapRef": {"name": settings["metadata"]["name"]}}]
    ordinal, root = container["env"]
    # Kubernetes gives this label to each pod of a StatefulSet: 0, 1 and so on.
    assert ordinal["valueFrom"]["fieldRef"]["fieldPath"] == "metadata.labels['apps.kubernetes.io/pod-index']"
    for name, value in (settings["data"] | {ordinal["name"]: "1", root["name"]: root["value"]}).items():
        monkeypatch.setenv(name, value)
    read = read_settings(service)
    assert (read.env, read.ordinal, read.root_path) == ("production", "1", f"/{service}")
    assert container["ports"] == [{"name": "http", "containerPort": read.port}]
    required = {f"{PREFIX}{name.upper()}" for name, field in Settings.model_fields.items() if field.is_required()}
    assert required <= settings["data"].keys()


def test_keys_are_files_of_a_secret_that_only_the_images_user_reads(objects: list[Json]) -> None:
    [user] = re.findall(r"^USER (\d+):\1$", (ROOT / "deploy/Dockerfile").read_text(), re.MULTILINE)
    data = of_kind(objects, "ConfigMap")[0]["data"]
    for name, pod in pods(objects):
        context = pod["securityContext"]
        assert {context[key] for key in ("runAsUser", "runAsGroup", "fsGroup")} == {int(user)}, name
        [keys] = [volume["secret"] for volume in pod["volumes"] if "secret" in volume]
        assert keys["defaultMode"] == 0o440, name
        [mount] = [one for one in pod["containers"][0]["volumeMounts"] if one["name"] == "keys"]
        assert mount["readOnly"], name
        files = {f"{mount['mountPath']}/{item['path']}" for item in keys["items"]}
        assert files == {data["TUEROEFFNER_MASTER_KEY_FILE"], data["TUEROEFFNER_JWKS_FILE"]}, name
    assert of_kind(objects, "Secret") == [], "keys are never in a manifest"


@pytest.mark.parametrize("service", SERVICES)
def test_service_is_asked_whether_it_is_well_and_has_time_to_end(objects: list[Json], service: str) -> None:
    pod = dict(pods(objects))[service]
    [container] = pod["containers"]
    questions = {"startupProbe": "startup", "livenessProbe": "live", "readinessProbe": "serving"}
    for probe, question in questions.items():
        assert container[probe]["httpGet"] == {"path": f"/health/{question}", "port": "http"}
        assert container[probe]["timeoutSeconds"] > LONGEST_CHECK
    ends = int(container["lifecycle"]["preStop"]["exec"]["command"][1]) + Settings.model_fields["stop_seconds"].default
    assert pod["terminationGracePeriodSeconds"] == GRACE > ends + 10


def test_one_process_a_pod_and_one_pod_at_a_time_may_be_away(plan: Plan, objects: list[Json]) -> None:
    sets = {one["metadata"]["name"]: one["spec"] for one in of_kind(objects, "StatefulSet")}
    budgets = {one["metadata"]["name"]: one["spec"] for one in of_kind(objects, "PodDisruptionBudget")}
    assert sets.keys() == budgets.keys() == set(SERVICES)
    for name, spec in sets.items():
        assert (spec["replicas"], len(spec["template"]["spec"]["containers"])) == (plan.replicas, 1)
        assert "command" not in spec["template"]["spec"]["containers"][0], "the image's own command: one worker"
        assert spec["template"]["spec"]["containers"][0]["image"].startswith(f"tueroeffner-{name}:")
        assert budgets[name]["maxUnavailable"] == 1
        labels = spec["template"]["metadata"]["labels"]
        assert labels == spec["selector"]["matchLabels"] == budgets[name]["selector"]["matchLabels"]
    selected = {one["metadata"]["name"]: one["spec"]["selector"] for one in of_kind(objects, "Service")}
    assert selected == {name: spec["selector"]["matchLabels"] for name, spec in sets.items()}


def test_nobody_talks_to_anybody_unless_it_is_said(plan: Plan, objects: list[Json]) -> None:
    policies = {one["metadata"]["name"]: one["spec"] for one in of_kind(objects, "NetworkPolicy")}
    assert policies.pop("nobody") == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    entries = [rule for spec in policies.values() for rule in spec.get("ingress", [])]
    exits = [rule for spec in policies.values() for rule in spec.get("egress", [])]
    assert all(rule.get("from") and rule.get("ports") for rule in entries)
    assert all(rule.get("to") and rule.get("ports") for rule in exits)
    # From a service to a service: no rule that lets a service out names pods of this namespace.
    outwards = policies["servers-of-all"]["egress"]
    assert all("podSelector" not in peer for rule in outwards for peer in rule["to"])
    ports = {port["port"] for rule in outwards for port in rule["ports"]}
    assert ports == {53, plan.mongo.port, plan.brokers.port}
    assert f":{plan.mongo.port}" in plan.mongo_url
    assert all(broker.endswith(f":{plan.brokers.port}") for broker in plan.kafka.split(","))


def test_topics_are_made_by_the_products_own_step_anew_for_each_change(plan: Plan, objects: list[Json]) -> None:
    [job] = of_kind(objects, "Job")
    [container] = job["spec"]["template"]["spec"]["containers"]
    assert container["command"] == ["tueroeffner", "topics", "apply"]
    changed = manifests(replace(plan, version="9.9.9"))
    again = {one["metadata"]["name"] for every in changed.values() for one in every}
    assert job["metadata"]["name"] not in again
    assert {name for name in again if name.startswith("topics-")}


def test_operators_pod_waits_for_nobody_and_has_the_cities_files(plan: Plan, objects: list[Json]) -> None:
    [operator] = of_kind(objects, "Deployment")
    assert operator["spec"]["replicas"] == 0
    [cities] = [one for one in of_kind(objects, "ConfigMap") if one["metadata"]["name"].startswith("cities-")]
    volumes = operator["spec"]["template"]["spec"]["volumes"]
    assert {"name": "cities", "configMap": {"name": cities["metadata"]["name"]}} in volumes
    assert cities["data"].keys() == {f"{city['slug']}.json" for city in plan.cities}
    for name, content in cities["data"].items():
        assert CityBody.model_validate_json(content).slug == name.removesuffix(".json")


def test_the_two_examples_share_no_data() -> None:
    one, three = (PLANS[name] for name in ("rostock", "three-cities"))
    assert (len(one.cities), len(three.cities)) == (1, 3)
    assert one.namespace != three.namespace
    assert (one.mongo_url, one.issuer) != (three.mongo_url, three.issuer)
    assert (one.kafka, one.topic_prefix) != (three.kafka, three.topic_prefix)
