"""What is generated from the contracts: a JSON schema per topic and the reference of all events."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from shared.contracts.base import Contract
from shared.contracts.catalog import PARTITIONS, TOPICS, Topic
from shared.contracts.envelope import Envelope
from shared.contracts.words import meaning

HERE: Final = Path(__file__).parent
EXAMPLES: Final = HERE / "examples"
DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
_PSEUDONYMS: Final = ("person", "family", "engagement", "participation", "subject", "also", "excluded")
_FORMS: Final = {"date": "day", "date-time": "instant"}
_PATTERNS: Final = {
    "^[a-z]{3}_": "id",
    "^[a-z][a-z0-9-]": "slug",
    "^[a-z][a-z0-9_]": "code",
    "^de-simple": "language",
    "^(mon|": "slot",
    "^[0-9a-f]{64}": "SHA-256",
    "^[0-9a-hjkmnp-tv-z]{16}": "token",
    "^\\d{4}(-(0": "reference date",
}
_HEAD: Final = f"""# Events

Generated from the contracts; `make schemas` writes it anew.

Every topic is compacted, has {PARTITIONS} partitions and carries **whole states**: the record of an id with the highest
`sequence` is what is true now. A null value is a tombstone: the aggregate is gone. Consumers write if the sequence is
newer; gaps, repeats and old records are normal. An event has at most 256 KiB.

**No name, address, contact, birth date or free text of a person is in any event**, no special category but an opaque
token under consent, and nothing of a concern for a child. Random ids stand for people; what such an id belongs to is
sealed in registry, and after an erasure nothing leads from it to anybody.

## Forms

| form | meaning |
| --- | --- |
| id | three letters, `_`, and 128 random bits in Crockford's base32; ids carry no order |
| slug | the name of a city, programme, district, site or organisation in addresses; unique in its city |
| code | an entry of a catalogue, a kind, a reason |
| day | a calendar day, `YYYY-MM-DD` |
| instant | RFC 3339 in UTC with milliseconds |
| reference date | a year, season, month or day, perhaps uncertain (EDTF) |
| language | a BCP 47 tag |
| slot | a day of the week and a part of the day |
| token | 80 bits under the city's key |
| text | a public name of a place, an organisation or a module; never of a person |

## Envelope

Structured CloudEvents 1.0 in JSON. Every record, tombstones too, has the headers `ce_id`, `ce_type`, `ce_time`,
`ce_city`, `ce_sequence` and `ce_subject`. A record with the key `_beat.<partition>` and the value `{{}}` is a sign of
life, not an event.

| field | required |
| --- | --- |
"""


def schema_of(topic: Topic) -> dict[str, Any]:
    """The JSON schema of a topic's data; what is optional here has a default for the reader."""
    schema = topic.contract.model_json_schema(by_alias=True)
    for name, part in schema.get("$defs", {}).items():
        _tidy(part, name)
    _tidy(schema, topic.contract.__name__)
    return {"$schema": DIALECT, "$id": topic.schema, "title": topic.contract.__name__, **schema}


def examples_of(topic: Topic) -> dict[str, Any]:
    """The hand-written examples of a topic's data by name; ``full`` and ``minimal`` are among them."""
    found: dict[str, Any] = json.loads((EXAMPLES / f"{topic.name}.json").read_text())
    return found


def free_texts(schema: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """The fields (contract, field) of a schema that may hold any text."""
    parts = {**schema.get("$defs", {}), schema["title"]: schema}
    for contract, part in parts.items():
        for field, form in part.get("properties", {}).items():
            if "text" in _words(form):
                yield contract, field


def events_markdown() -> str:
    """The reference of all topics."""
    fields = Envelope.model_fields.items()
    envelope = "".join(f"| `{name}` | {'yes' if field.is_required() else ''} |\n" for name, field in fields)
    index = "".join(f"| [`{t.name}`](#{t.name.replace('.', '')}) | {t.owner} | {_readers(t)} |\n" for t in TOPICS)
    head = f"{_HEAD}{envelope}\n## Topics\n\n| topic | written by | read by |\n| --- | --- | --- |\n{index}"
    return head + "".join(_section(topic) for topic in TOPICS)


def written() -> dict[str, str]:
    """Every generated file by its path below the project's folder."""
    files = {
        f"shared/contracts/schemas/{topic.name}.json": json.dumps(schema_of(topic), ensure_ascii=False, indent=2) + "\n"
        for topic in TOPICS
    }
    return {**files, "docs/events.md": events_markdown()}


def write_below(root: Path, files: Mapping[str, str]) -> None:
    """Writes files by their paths below ``root``."""
    for path, content in files.items():
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(content)


def _tidy(part: dict[str, Any], contract: str) -> None:
    part.pop("title", None)
    for field, form in part.get("properties", {}).items():
        form.pop("title", None)
        form["description"] = meaning(contract, field)
        if "patternProperties" in form:
            # Otherwise a key of no known form would pass unseen.
            form["additionalProperties"] = False


def _section(topic: Topic) -> str:
    schema = schema_of(topic)
    key = f"`{topic.key}`" if topic.of_cities else f"`<city>/<{topic.key}>`"
    pseudonyms = [f"`{name}`" for name in _PSEUDONYMS if name in schema["properties"]]
    told = f"none by name; {', '.join(pseudonyms)} stand for people as random ids" if pseudonyms else "none"
    example = json.dumps(examples_of(topic)["full"], ensure_ascii=False, indent=2)
    tables = [_table(schema), *(f"\n`{name}`:\n\n{_table(part)}" for name, part in schema.get("$defs", {}).items())]
    return (
        f"\n## {topic.name}\n\n{_plain(topic.contract)}\n\n"
        f"- type: `{topic.type}`\n- key: {key}\n- written by: {topic.owner}\n- read by: {_readers(topic)}\n"
        f"- personal data: {told}\n- schema: `shared/contracts/schemas/{topic.name}.json`\n\n"
        f"{''.join(tables)}\n```json\n{example}\n```\n"
    )


def _plain(contract: type[Contract]) -> str:
    return (contract.__doc__ or "").strip()


def _readers(topic: Topic) -> str:
    readers = ", ".join(topic.consumers) or "nobody yet"
    return f"{readers} (by every replica, into memory)" if topic.in_memory else readers


def _table(part: dict[str, Any]) -> str:
    required = part.get("required", [])
    rows = [
        f"| `{name}` | {_words(form)} | {'yes' if name in required else ''} | {form['description']} |\n"
        for name, form in part["properties"].items()
    ]
    return "| field | form | required | meaning |\n| --- | --- | --- | --- |\n" + "".join(rows)


def _words(form: dict[str, Any]) -> str:
    if "anyOf" in form:
        return " or ".join(_words(one) for one in form["anyOf"])
    if "$ref" in form:
        return f"`{form['$ref'].rpartition('/')[2]}`"
    if "enum" in form:
        return "one of " + ", ".join(f"`{value}`" for value in form["enum"])
    return _words_of_kind(form)


def _words_of_kind(form: dict[str, Any]) -> str:
    kind = str(form["type"])
    if kind == "array":
        return f"list of {_words(form['items'])}"
    if kind == "object":
        [(pattern, value)] = form["patternProperties"].items()
        return f"{_by_pattern(pattern)} → {_words(value)}"
    if kind == "string":
        return _FORMS.get(form.get("format", "")) or _by_pattern(form.get("pattern", ""))
    return {"integer": "whole number", "boolean": "true or false"}.get(kind, kind)


def _by_pattern(pattern: str) -> str:
    return next((word for begin, word in _PATTERNS.items() if pattern.startswith(begin)), "text")
