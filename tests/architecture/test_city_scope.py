"""A collection cannot be had without its city, and only the floors of storage and messaging name databases."""

import ast
import re
from collections.abc import Iterator

from tests.architecture.source import modules, tree_of

FLOORS = ("shared/storage/", "shared/messaging/")
DRIVERS = {"shared/storage/mongo.py": {"motor"}, "shared/messaging/kafka.py": {"aiokafka"}}
PYMONGO = "pymongo"
ASKS_WHETHER_THERE = ("shared/runtime/process.py", "client.admin")
TRANSACTIONS = ("start_session", "start_transaction", "with_transaction")


def databases(tree: ast.Module) -> Iterator[str]:
    """The ways in which a module reaches for a database, a client or a transaction of its own."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            name, owner = node.func.attr, ast.unparse(node.func.value)
            if (name == "city" and owner.endswith("mongo")) or name == "runtime" or name in TRANSACTIONS:
                yield name
        elif isinstance(node, ast.Subscript) and isinstance(node.value, ast.Attribute) and node.value.attr == "client":
            yield "client[…]"
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Attribute) and node.value.attr == "client":
            yield f"client.{node.attr}"


def drivers(tree: ast.Module) -> set[str]:
    """The drivers that a module imports."""
    named: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            named |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            named.add((node.module or "").partition(".")[0])
    return named & {"motor", "aiokafka", PYMONGO, "bson"}


def test_databases_are_named_by_storage_and_messaging_only() -> None:
    found = {
        (str(path), way)
        for path in modules("services", "shared")
        if not str(path).startswith(FLOORS)
        for way in databases(tree_of(path))
    }
    assert found == {ASKS_WHETHER_THERE}


def test_each_driver_has_one_door() -> None:
    found = {str(path): drivers(tree_of(path)) for path in modules("services", "shared")}
    assert {path for path, named in found.items() if named & {"motor", "aiokafka"}} == set(DRIVERS)
    assert all(DRIVERS[path] <= found[path] for path in DRIVERS)
    assert [path for path, named in found.items() if PYMONGO in named] == ["shared/storage/mongo.py"]
    assert all(path.startswith(FLOORS) for path, named in found.items() if named)


def test_names_of_databases_are_made_in_one_file() -> None:
    made = re.compile(r"\{self\.service\}_|_runtime\"")
    found = [
        str(path)
        for path in modules("services", "shared")
        if any(made.search(ast.unparse(node)) for node in ast.walk(tree_of(path)) if isinstance(node, ast.JoinedStr))
    ]
    assert found == ["shared/storage/mongo.py"]


def test_rule_sees_every_way_around_the_city() -> None:
    source = (
        "def f(store, mongo):\n    store.mongo.city('a')['b']\n    mongo.runtime()\n    store.mongo.client['x']\n"
        "    store.mongo.client.registry_a\n    session.start_transaction()\n    publishing.city(place)\n"
    )
    ways = ["city", "runtime", "start_transaction", "client[…]", "client.registry_a"]
    assert sorted(databases(ast.parse(source))) == sorted(ways)
    assert drivers(ast.parse("def f():\n    from pymongo.errors import PyMongoError\n    import bson")) == {
        "pymongo",
        "bson",
    }
