"""The commands of operations as somebody types them, against real servers."""

import asyncio
import json
import os
import sys
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from ruamel.yaml import YAML
from typer.testing import CliRunner

from deploy.local import Stack
from services.cli import app
from services.visits.store import LAYOUT
from shared.contracts.catalog import TOPICS
from shared.contracts.places import SiteV1
from shared.kernel.ids import new_id
from shared.messaging.dead_letters import DeadLetters
from shared.messaging.kafka import ConsumerRecord, Kafka
from shared.messaging.reactions import ENOUGH_TRIES, Ask, Reactions
from shared.messaging.topics import TopicSettings
from shared.security.principals import Actor
from shared.storage.audit import AuditEntry
from shared.storage.chain import chain_city
from shared.storage.leases import Leases
from shared.storage.mongo import Mongo, Session
from shared.storage.rows import event_row
from shared.storage.store import Store

ROOT = Path(__file__).resolve().parents[2]
PREFIX = "betrieb-"
CITY = "betriebsstadt"
APPLY = ("topics", "apply")
VISITS = ("--service", "visits")
ACTOR = Actor("tester", "coordinator", "correlation-1")
MOMENT = datetime(2026, 1, 15, 8, 30, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Terminal:
    """Somebody's terminal, with the settings that the compose file gives to its containers."""

    environment: dict[str, str]

    async def tueroeffner(self, *arguments: str) -> Any:
        """Runs the command line in a thread of this process: starting a Python for each would take minutes."""
        return await asyncio.to_thread(CliRunner().invoke, app, list(arguments), env=self.environment)

    async def spawn(self, *command: str) -> tuple[int, str, str]:
        """Runs a program of its own: exit code, output, errors."""
        own = {**os.environ, **self.environment}
        piped = asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(*command, env=own, stdout=piped, stderr=piped)
        output, errors = await process.communicate()
        assert process.returncode is not None
        return process.returncode, output.decode(), errors.decode()


@pytest.fixture(scope="module")
def terminal(stack: Stack, master_key: bytes, tmp_path_factory: pytest.TempPathFactory) -> Terminal:
    secrets = tmp_path_factory.mktemp("secrets")
    (secrets / "master_key").write_bytes(master_key)
    (secrets / "jwks").write_text('{"keys": []}')
    compose = YAML(typ="safe").load(ROOT / "docker-compose.yml")
    settings = {name: str(value) for name, value in compose["services"]["topics"]["environment"].items()}
    settings |= {
        "TUEROEFFNER_ENV": "production",
        "TUEROEFFNER_MONGO_URL": stack.mongo_url,
        "TUEROEFFNER_KAFKA": stack.kafka,
        "TUEROEFFNER_TOPIC_PREFIX": PREFIX,
        "TUEROEFFNER_ISSUER": "https://login.example.org",
        "TUEROEFFNER_MASTER_KEY_FILE": str(secrets / "master_key"),
        "TUEROEFFNER_JWKS_FILE": str(secrets / "jwks"),
    }
    return Terminal(settings)


@pytest.fixture(scope="module")
async def visits(visits_mongo: Mongo, master_key: bytes) -> Store:
    store = Store(visits_mongo, master_key, LAYOUT)
    await store.serve_city(CITY)
    return store


async def set_alone(stack: Stack, topic: str, **configs: str) -> None:
    """What an operator's mistake does to a topic."""
    admin = AIOKafkaAdminClient(bootstrap_servers=stack.kafka)
    await admin.start()
    named = {name.replace("_", "."): value for name, value in configs.items()}
    try:
        await admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic, named)])
    finally:
        await admin.close()


async def test_topics_are_made_once_and_a_service_starts_only_on_safe_ones(terminal: Terminal, stack: Stack) -> None:
    check = (sys.executable, "-m", "services.visits", "check")
    code, output, errors = await terminal.spawn(str(Path(sys.executable).with_name("tueroeffner")), *APPLY, "--json")
    assert (code, errors) == (0, "")
    assert json.loads(output) == {"made": [PREFIX + topic.name for topic in TOPICS], "configured": []}
    assert (await terminal.tueroeffner(*APPLY)).stdout == "all topics are there\n"

    await set_alone(stack, f"{PREFIX}registry.erasures.v1", cleanup_policy="delete", segment_bytes="1048576")
    code, _, errors = await terminal.spawn(*check)
    assert code == 2
    assert "registry.erasures.v1: cleanup.policy is delete; needed is compact" in errors

    mended = json.loads((await terminal.tueroeffner(*APPLY, "--json")).stdout)
    assert mended == {"made": [], "configured": [f"{PREFIX}registry.erasures.v1"]}
    assert (await terminal.spawn(*check))[0] == 0


async def test_missing_topics_and_too_few_copies_are_faults(stack: Stack) -> None:
    missing = await Kafka(stack.kafka, "tests", "anderswo-").topic_faults(TopicSettings())
    assert missing == [f"anderswo-{topic.name}: missing, or not whole" for topic in TOPICS]
    single = await Kafka(stack.kafka, "tests", PREFIX).topic_faults(TopicSettings(replication=3))
    assert all("has 1 copies; needed are 3" in fault or "min.insync.replicas is 1" in fault for fault in single)
    assert len(single) == len(TOPICS)


async def test_topic_keeps_what_an_operator_set_beside_ours(terminal: Terminal, stack: Stack) -> None:
    topic = f"{PREFIX}registry.sites.v1"
    assert (await terminal.tueroeffner(*APPLY)).exit_code == 0
    await set_alone(stack, topic, segment_bytes="1048576")
    assert (await terminal.tueroeffner(*APPLY)).exit_code == 0
    admin = AIOKafkaAdminClient(bootstrap_servers=stack.kafka)
    await admin.start()
    try:
        [answer] = await admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, topic)])
    finally:
        await admin.close()
    configs = {entry[0]: entry[1] for entry in answer.resources[0][4]}
    assert (configs["segment.bytes"], configs["cleanup.policy"]) == ("1048576", "compact")


async def set_aside(store: Store, offset: int, value: bytes | None = None) -> str:
    """A dead letter about a site; its id."""
    site = SiteV1(slug="laden", name="Laden", district="nord", carriers=())
    row = event_row(
        CITY, "registry", site, sequence=offset, fact="made", moment="2026-01-15T08:30:00.000Z", correlation="x"
    )
    headers: dict[str, Any] = {"id": row["_id"], "type": row["type"], "time": row["time"], "city": CITY}
    headers |= {"sequence": str(offset), "subject": row["subject"]}
    raw = tuple((f"ce_{name}", content.encode()) for name, content in headers.items())
    record = ConsumerRecord(
        row["topic"], 5, offset, 0, 0, row["key"].encode(), value or row["value"], None, -1, -1, raw
    )

    async def body(session: Session) -> None:
        await DeadLetters(store.mongo).add(row["topic"], record, "value-unreadable", MOMENT, session)

    await store.mongo.transaction(body)
    return f"{row['topic']}:5:{offset}"


async def test_dead_letter_is_listed_shown_and_replayed(terminal: Terminal, visits: Store) -> None:
    letter = await set_aside(visits, 7001)
    listed = json.loads((await terminal.tueroeffner("deadletters", "list", *VISITS, "--json")).stdout)
    [mine] = [row for row in listed if row["id"] == letter]
    assert (mine["reason"], mine["key"]) == ("value-unreadable", f"{CITY}/laden")
    assert letter in (await terminal.tueroeffner("deadletters", "list", *VISITS)).stdout

    for_programs = (await terminal.tueroeffner("deadletters", "show", letter, *VISITS, "--json")).stdout
    assert for_programs.count("\n") == 1
    shown = json.loads((await terminal.tueroeffner("deadletters", "show", letter, *VISITS)).stdout)
    assert shown == json.loads(for_programs)
    assert json.loads(shown["value"])["data"]["slug"] == "laden"
    assert shown["headers"]["ce_city"] == CITY

    replayed = await terminal.tueroeffner("deadletters", "replay", letter, *VISITS, "--json")
    assert (replayed.exit_code, json.loads(replayed.stdout)) == (0, {"applied": 1})
    stored = await visits.reader(CITY).one("known_sites", {"_id": "laden"})
    assert stored is not None
    assert stored["sequence"] == 7001
    gone = await terminal.tueroeffner("deadletters", "show", letter, *VISITS)
    assert (gone.exit_code, gone.stdout, gone.stderr) == (1, "", f"{letter}: not there\n")


async def test_dead_letter_that_cannot_be_read_stays_until_it_is_discarded(terminal: Terminal, visits: Store) -> None:
    letter = await set_aside(visits, 7002, b"{")
    refused = await terminal.tueroeffner("deadletters", "replay", letter, *VISITS)
    assert (refused.exit_code, refused.stderr) == (1, f"{letter}: still value-unreadable\n")
    assert (await terminal.tueroeffner("deadletters", "show", letter, *VISITS)).exit_code == 0
    discarded = await terminal.tueroeffner("deadletters", "discard", letter, *VISITS)
    assert (discarded.exit_code, discarded.stdout) == (0, "discarded; 0 parked events applied\n")
    assert (await terminal.tueroeffner("deadletters", "show", letter, *VISITS)).exit_code == 1


async def test_reaction_that_was_given_up_is_tried_again_or_taken_away(terminal: Terminal, visits: Store) -> None:
    ran: list[str] = []

    async def fails(ask: Ask) -> None:
        raise RuntimeError(ask.city)

    async def works(ask: Ask) -> None:
        ran.append(ask.payload["subject"])

    rows = visits.mongo.runtime()["reactions"]
    plain = {"name": "probe", "city": CITY, "payload": {"subject": "s-1"}, "due": MOMENT}
    first, second, young = (f"{new_id('evt')}:probe" for _ in range(3))
    tries = {first: ENOUGH_TRIES - 1, second: ENOUGH_TRIES, young: 3}
    await rows.insert_many([{**plain, "_id": key, "tries": count} for key, count in tries.items()])
    row = await rows.find_one({"_id": first})
    assert row is not None
    await Reactions(visits, Leases(visits.mongo, "failing"), {"probe": fails})._run(row)

    listed = json.loads((await terminal.tueroeffner("reactions", "list", *VISITS, "--json")).stdout)
    mine = {one["id"]: one["error"] for one in listed if one["city"] == CITY}
    assert mine == {first: "RuntimeError", second: ""}
    assert "s-1" not in (await terminal.tueroeffner("reactions", "list", *VISITS)).stdout
    refused = await terminal.tueroeffner("reactions", "discard", young, *VISITS)
    assert (refused.exit_code, refused.stderr) == (1, f"{young}: not among those given up\n")

    assert (await terminal.tueroeffner("reactions", "discard", second, *VISITS)).exit_code == 0
    retried = await terminal.tueroeffner("reactions", "retry", first, *VISITS, "--json")
    assert (retried.exit_code, json.loads(retried.stdout)) == (0, {"retried": first})
    again = await rows.find_one({"_id": first, "tries": 0, "due": {"$lte": visits.clock()}})
    assert again is not None
    await Reactions(visits, Leases(visits.mongo, "working"), {"probe": works})._run(again)
    assert ran == ["s-1"]
    assert [one["_id"] async for one in rows.find({"city": CITY})] == [young]
    await rows.delete_one({"_id": young})


async def test_changed_row_of_the_audit_is_found(terminal: Terminal, visits: Store) -> None:
    for _ in range(3):
        await visits.note(CITY, ACTOR, AuditEntry("sealed.read", new_id("fam")))
    await chain_city(visits.mongo, CITY)
    arguments = ("audit", "verify", *VISITS, "--city", CITY)
    assert (await terminal.tueroeffner(*arguments)).stdout == "the chain holds\n"
    audit = visits.mongo.city(CITY)["audit"]
    await audit.update_one({"number": 2}, {"$set": {"action": "nothing.special"}})
    found = await terminal.tueroeffner(*arguments, "--json")
    assert (found.exit_code, json.loads(found.stdout)) == (1, [{"number": 2, "code": "row-changed"}])
    assert (await terminal.tueroeffner(*arguments[:-1], "nirgends")).exit_code == 1


async def test_server_that_is_away_has_its_own_exit_code(terminal: Terminal) -> None:
    alone = {**terminal.environment, "TUEROEFFNER_MONGO_URL": "mongodb://127.0.0.1:9/?replicaSet=none"}
    away = await replace(terminal, environment=alone).tueroeffner("deadletters", "list", "--service", "matching")
    assert (away.exit_code, away.stdout, away.stderr) == (3, "", "MongoDB: ServerSelectionTimeoutError\n")
