"""What is generated is what is committed; every word, example and reader of it is there."""

import json
from pathlib import Path

import pytest

from deploy.documents import services, unconnected_app, written
from shared.contracts.catalog import TOPICS
from shared.contracts.documents import EXAMPLES
from shared.contracts.words import APART, MEANINGS

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def files() -> dict[str, str]:
    return written()


def test_generated_files_are_the_committed_ones(files: dict[str, str]) -> None:
    stale = [
        path for path, content in files.items() if not (ROOT / path).is_file() or (ROOT / path).read_text() != content
    ]
    assert stale == [], "run `make schemas` and commit what it wrote"


def test_nothing_is_left_of_what_is_generated_no_more(files: dict[str, str]) -> None:
    folders = ("shared/contracts/schemas", "docs/api")
    there = {str(path.relative_to(ROOT)) for folder in folders for path in (ROOT / folder).iterdir()}
    assert there == {path for path in files if path.startswith(folders)}
    assert {path.stem for path in EXAMPLES.iterdir()} == {topic.name for topic in TOPICS}


def test_no_words_are_kept_for_fields_that_no_contract_has(files: dict[str, str]) -> None:
    pages = [json.loads(content) for path, content in files.items() if "/schemas/" in path]
    parts = [(page["title"], page) for page in pages]
    parts += [(name, part) for page in pages for name, part in page.get("$defs", {}).items()]
    used = {(contract, field) for contract, part in parts for field in part["properties"]}
    assert set(MEANINGS) <= {field for _, field in used}
    assert set(APART) <= used


def test_events_page_names_every_topic_with_writer_and_readers(files: dict[str, str]) -> None:
    page = files["docs/events.md"]
    for topic in TOPICS:
        section = page.split(f"\n## {topic.name}\n")[1].split("\n## ")[0]
        assert f"- written by: {topic.owner}\n" in section
        assert all(reader in section for reader in topic.consumers)
        assert "- personal data: none" in section


@pytest.mark.parametrize("name", sorted(services()))
def test_api_document_tells_of_every_operation_who_may_call_it_and_how_it_refuses(name: str) -> None:
    document = unconnected_app(services()[name]).openapi()
    operations = [(path, item) for path, methods in document["paths"].items() for item in methods.values()]
    named = [item["operationId"] for _, item in operations]
    assert len(set(named)) == len(named) > 10
    for path, item in operations:
        assert item["summary"], path
        if path.startswith("/v1/"):
            assert item["x-permission"]["roles"], path
            assert {"401", "403", "404"} <= set(item["responses"]), path
