"""pydantic's errors as findings: a pointer into the body as received, a code, what would be right; never the value."""

from collections.abc import Mapping, Sequence
from typing import Any

from shared.kernel.errors import Finding

LONGEST_NAME = 40
MOST_FINDINGS = 50
OWN = "own:"  # prefix of the type of errors raised by ``shared.web.bodies``: its message is the expectation

_CODES: Mapping[str, str] = {
    "missing": "missing",
    "extra_forbidden": "unknown-field",
    "string_pattern_mismatch": "wrong-form",
    "string_too_short": "too-short",
    "string_too_long": "too-long",
    "too_short": "too-short",
    "too_long": "too-long",
    "greater_than": "too-small",
    "greater_than_equal": "too-small",
    "less_than": "too-large",
    "less_than_equal": "too-large",
    "literal_error": "not-one-of",
    "enum": "not-one-of",
    "union_tag_invalid": "not-one-of",
    "union_tag_not_found": "missing",
    "value_error": "wrong-form",
    "int_from_float": "wrong-type",
}
_EXPECTED: Mapping[str, str] = {
    "pattern": "{}",
    "expected": "{}",
    "expected_tags": "{}",
    "min_length": ">= {}",
    "max_length": "<= {}",
    "ge": ">= {}",
    "gt": "> {}",
    "le": "<= {}",
    "lt": "< {}",
}


def findings_of(errors: Sequence[Any], content: Any) -> tuple[Finding, ...]:
    """At most 50 findings; ``content`` is the body as received (a union's choice is in an error's place, not in it)."""
    return tuple(_finding(error, content) for error in errors[:MOST_FINDINGS])


def _finding(error: Mapping[str, Any], content: Any) -> Finding:
    place = tuple(error["loc"])
    kind = str(error["type"])
    if place and place[0] == "body":
        pointer = pointer_to(place[1:], content, kind)
    elif place and place[0] in ("query", "header"):
        pointer = "?" + str(place[1] if len(place) > 1 else "")[:LONGEST_NAME]
    else:
        pointer = pointer_to(place, content, kind)
    if kind.startswith(OWN):
        return Finding(pointer, kind.removeprefix(OWN), str(error["msg"]))
    return Finding(pointer, _CODES.get(kind, "wrong-type"), _expected(kind, error.get("ctx") or {}))


def pointer_to(place: Sequence[str | int], content: Any, kind: str = "") -> str:
    """An RFC 6901 pointer; parts that are not in ``content`` are left out, but for the name of what is missing."""
    parts: list[str] = []
    current = content
    for number, part in enumerate(place):
        if _holds(current, part):
            current = current[part]
        elif not (kind == "missing" and number == len(place) - 1):
            continue
        parts.append(escape(part))
    return "".join(f"/{part}" for part in parts)


def _holds(content: Any, part: str | int) -> bool:
    if isinstance(content, list):
        return isinstance(part, int) and part < len(content)
    return isinstance(content, dict) and part in content


def escape(part: str | int) -> str:
    """One part of a pointer, at most 40 characters of it."""
    return str(part)[:LONGEST_NAME].replace("~", "~0").replace("/", "~1")


def _expected(kind: str, context: Mapping[str, Any]) -> str:
    for name, form in _EXPECTED.items():
        if name in context:
            return form.format(context[name])
    for ending in ("_type", "_parsing"):
        if kind.endswith(ending):
            return kind.removesuffix(ending)
    return ""
