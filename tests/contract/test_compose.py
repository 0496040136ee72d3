"""The compose file: valid, locked down, and with the values of the local stack."""

import json
import re
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from ruamel.yaml import YAML

from deploy.local.settings import BROKER, MONGOD, container_variable

ROOT = Path(__file__).resolve().parents[2]
SERVICES = ("registry", "visits", "matching", "reporting")


def read(name: str) -> dict[str, Any]:
    """A YAML file by its path below the project's folder."""
    document: dict[str, Any] = YAML(typ="safe").load(ROOT / name)
    return document


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    return read("docker-compose.yml")


def test_compose_file_is_valid_against_the_specification(compose: dict[str, Any]) -> None:
    schema = json.loads((files("check_jsonschema") / "builtin_schemas/vendor/compose-spec.json").read_text())
    jsonschema.validate(compose, schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(compose | {"services": {"mongo": {"imagine": "mongo"}}}, schema)


def test_kafka_in_a_container_has_the_local_brokers_values(compose: dict[str, Any]) -> None:
    environment = compose["services"]["kafka"]["environment"]
    expected = {container_variable(name): value for name, value in BROKER.properties(nodes=1).items()}
    assert {name: environment.get(name) for name in expected} == expected


def test_mongod_in_a_container_has_the_local_members_values(compose: dict[str, Any]) -> None:
    command = compose["services"]["mongo"]["command"]
    assert command == ["mongod", "--bind_ip_all", *MONGOD.arguments()]


def test_replica_set_in_containers_is_configured_like_the_local_one(compose: dict[str, Any]) -> None:
    stated = json.loads(compose["services"]["mongo-replica-set"]["environment"]["REPLICA_SET"])
    assert stated == MONGOD.replica_set(["mongo:27017"])
    url = compose["services"]["registry"]["environment"]["TUEROEFFNER_MONGO_URL"]
    assert url.endswith(f"?replicaSet={stated['_id']}")


def test_kafka_image_is_the_version_of_the_local_jars(compose: dict[str, Any]) -> None:
    version = re.search(r"<kafka.version>(.+)</kafka.version>", (ROOT / "deploy/local/pom.xml").read_text())
    assert version is not None
    assert compose["services"]["kafka"]["image"] == f"apache/kafka:{version[1]}"


def test_every_container_is_locked_down_and_on_loopback_only(compose: dict[str, Any]) -> None:
    for name, service in compose["services"].items():
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert "privileged" not in service, name
        assert all(port.startswith("127.0.0.1:") for port in service.get("ports", [])), name


@pytest.mark.parametrize("name", SERVICES)
def test_service_starts_after_the_topics_and_reads_its_key_from_a_secret(compose: dict[str, Any], name: str) -> None:
    service = compose["services"][name]
    assert service["build"]["args"] == {"SERVICE": name}
    assert service["depends_on"] == {"topics": {"condition": "service_completed_successfully"}}
    assert service["environment"]["TUEROEFFNER_MASTER_KEY_FILE"] == "/run/secrets/master_key"
    assert "master_key" in service["secrets"]


def test_topics_are_made_by_the_products_own_step_when_kafka_and_mongodb_are_ready(compose: dict[str, Any]) -> None:
    topics = compose["services"]["topics"]
    assert topics["command"] == ["tueroeffner", "topics", "apply"]
    assert set(topics["depends_on"]) == {"kafka", "mongo-replica-set"}


def test_monitoring_is_a_profile_of_its_own_that_nothing_else_waits_for(compose: dict[str, Any]) -> None:
    services = compose["services"]
    watching = {name for name, service in services.items() if service.get("profiles") == ["monitoring"]}
    assert watching == {"prometheus", "grafana"} == {name for name in services if services[name].get("profiles")}
    for name in watching:
        assert re.fullmatch(r"[a-z]+/[a-z]+:v?\d+\.\d+\.\d+", services[name]["image"]), name
    others = [one for name, one in services.items() if name not in watching]
    assert not [one for one in others if watching & set(one.get("depends_on", ()))]


def test_prometheus_in_a_container_has_the_products_rules_and_asks_every_service(compose: dict[str, Any]) -> None:
    prometheus = compose["services"]["prometheus"]
    assert "./deploy/prometheus:/etc/prometheus:ro" in prometheus["volumes"]
    assert "--config.file=/etc/prometheus/prometheus.yml" in prometheus["command"]
    config = read("deploy/prometheus/prometheus.yml")
    assert all((ROOT / "deploy/prometheus" / name).is_file() for name in config["rule_files"])
    [job] = config["scrape_configs"]
    hosts = {target.split(":")[0] for group in job["static_configs"] for target in group["targets"]}
    assert hosts == set(SERVICES) <= compose["services"].keys()


def test_grafana_in_a_container_has_every_dashboard_and_the_source_that_they_ask(compose: dict[str, Any]) -> None:
    grafana = compose["services"]["grafana"]
    folders = dict(mount.removesuffix(":ro").split(":") for mount in grafana["volumes"])
    [provider] = read("deploy/grafana/provisioning/dashboards/tueroeffner.yml")["providers"]
    [dashboards] = [own for own, there in folders.items() if there == provider["options"]["path"]]
    assert {path.stem for path in (ROOT / dashboards).glob("*.json")} == {"overview", *SERVICES}
    assert folders["./deploy/grafana/provisioning"] == "/etc/grafana/provisioning"
    [source] = read("deploy/grafana/provisioning/datasources/prometheus.yml")["datasources"]
    assert (source["type"], source["isDefault"], source["url"]) == ("prometheus", True, "http://prometheus:9090")
    asked = read("deploy/prometheus/prometheus.yml")["global"]["scrape_interval"]
    assert source["jsonData"]["timeInterval"] == asked


def test_grafana_in_a_container_has_no_password_and_nobody_who_may_change_anything(compose: dict[str, Any]) -> None:
    environment = compose["services"]["grafana"]["environment"]
    assert environment["GF_AUTH_ANONYMOUS_ORG_ROLE"] == "Viewer"
    assert environment["GF_SECURITY_DISABLE_INITIAL_ADMIN_CREATION"] == "true"
    assert (environment["GF_AUTH_BASIC_ENABLED"], environment["GF_AUTH_DISABLE_LOGIN_FORM"]) == ("false", "true")


def test_image_runs_without_root_and_with_hashed_requirements() -> None:
    dockerfile = (ROOT / "deploy/Dockerfile").read_text()
    assert "USER 10001:10001" in dockerfile
    assert "--require-hashes" in dockerfile
    assert "/health/live" in dockerfile


def test_image_is_built_from_versions_that_were_tested() -> None:
    def pins(name: str) -> set[str]:
        return set(re.findall(r"^[a-z0-9][^ ]*==[^ ]+", (ROOT / "requirements" / name).read_text(), re.MULTILINE))

    assert pins("services.txt") <= pins("all.txt")
    assert any(pin.startswith("aiokafka==") for pin in pins("services.txt"))
