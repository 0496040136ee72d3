"""Checking plain JSON values without a framework: every fault is collected with its JSON pointer.

A check takes a value and its pointer and answers the value as the model wants it, or ``None`` after noting a fault.
"""

import json
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from shared.kernel.dates import check_day
from shared.kernel.errors import Finding, Refused

KEY_SHOWN = 40
"""At most so many characters of a key that somebody else wrote stand in a pointer."""


@dataclass(slots=True)
class Faults:
    """What was found so far; ``refuse`` ends a check."""

    found: list[Finding] = field(default_factory=list)

    def add(self, pointer: str, code: str, expected: str) -> None:
        """Note a fault and go on checking."""
        self.found.append(Finding(pointer, code, expected))

    def refuse(self, code: str) -> None:
        """Raise ``Refused`` with all findings, if there are any."""
        if self.found:
            raise Refused(code, tuple(self.found))


Check = Callable[[object, str, Faults], Any]


@dataclass(frozen=True, slots=True)
class Shape:
    """An object with known keys: how each is checked, and which may be left out."""

    checks: Mapping[str, Check]
    optional: frozenset[str] = frozenset()


def child(pointer: str, key: str | int) -> str:
    """The pointer of a member, escaped after RFC 6901; of a long key only the beginning is shown."""
    return f"{pointer}/{str(key)[:KEY_SHOWN].replace('~', '~0').replace('/', '~1')}"


class DoubleKeys(dict[str, Any]):
    """A JSON object that named a key twice; JSON's usual readers keep the last silently."""

    doubled: tuple[str, ...] = ()


def parse_json(text: str) -> Any:
    """The value in ``text``. Raises ``Refused`` (``not-json``) with the position; doubled keys show in the check."""
    try:
        return json.loads(text, object_pairs_hook=_object, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        where = f"JSON; line {error.lineno}, column {error.colno}: {error.msg}"
        raise Refused("not-json", (Finding("", "not-json", where),)) from error
    except (ValueError, RecursionError) as error:
        where = "JSON without NaN or Infinity, huge numbers or very deep nesting"
        raise Refused("not-json", (Finding("", "not-json", where),)) from error


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    plain = dict(pairs)
    if len(plain) == len(pairs):
        return plain
    times = Counter(key for key, _ in pairs)
    double = DoubleKeys(plain)
    double.doubled = tuple(sorted(key for key, count in times.items() if count > 1))
    return double


def _no_constant(name: str) -> None:
    raise ValueError(name)


def text(value: object, pointer: str, faults: Faults) -> str | None:
    """Any string of whole characters, the empty one too."""
    if not isinstance(value, str):
        faults.add(pointer, "wrong-type", "a string")
        return None
    try:
        value.encode()
    except UnicodeEncodeError:
        faults.add(pointer, "wrong-value", "a string of whole Unicode characters")
        return None
    return value


def name(value: object, pointer: str, faults: Faults) -> str | None:
    """A string that is not empty."""
    if value == "":
        faults.add(pointer, "wrong-value", "a string that is not empty")
        return None
    return text(value, pointer, faults)


def flag(value: object, pointer: str, faults: Faults) -> bool | None:
    """True or false, and nothing that only looks like it."""
    if not isinstance(value, bool):
        faults.add(pointer, "wrong-type", "true or false")
        return None
    return value


def whole_number(least: int, most: int | None = None) -> Check:
    """A check for an integer in a range, both ends included."""
    wanted = f"a whole number of at least {least}" if most is None else f"a whole number from {least} to {most}"

    def check(value: object, pointer: str, faults: Faults) -> int | None:
        if isinstance(value, bool) or not isinstance(value, int):
            faults.add(pointer, "wrong-type", wanted)
            return None
        if value < least or (most is not None and value > most):
            faults.add(pointer, "wrong-value", wanted)
            return None
        return value

    return check


def day(value: object, pointer: str, faults: Faults) -> str | None:
    """A real calendar day."""
    wanted = "a calendar day written YYYY-MM-DD"
    if not isinstance(value, str):
        faults.add(pointer, "wrong-type", wanted)
        return None
    try:
        return check_day(value)
    except ValueError:
        faults.add(pointer, "wrong-value", wanted)
        return None


def one_of(choices: tuple[str, ...], code: str) -> Check:
    """A check for one of the closed list ``choices``; ``code`` names the fault."""
    wanted = f"one of {' '.join(choices)}"

    def check(value: object, pointer: str, faults: Faults) -> str | None:
        if not isinstance(value, str):
            faults.add(pointer, "wrong-type", wanted)
            return None
        if value not in choices:
            faults.add(pointer, code, wanted)
            return None
        return value

    return check


def set_of(item: Check) -> Check:
    """A check for a list whose order and repetitions mean nothing."""

    def check(value: object, pointer: str, faults: Faults) -> frozenset[str] | None:
        if not isinstance(value, list):
            faults.add(pointer, "wrong-type", "a list of strings")
            return None
        checked = [item(member, child(pointer, number), faults) for number, member in enumerate(value)]
        return None if None in checked else frozenset(checked)

    return check


def table_of(item: Check) -> Check:
    """A check for an object with free keys (not empty) and checked values."""

    def check(value: object, pointer: str, faults: Faults) -> dict[str, Any] | None:
        if not isinstance(value, dict):
            faults.add(pointer, "wrong-type", "an object")
            return None
        before = len(faults.found)
        note_doubled(value, pointer, faults)
        for key in value:
            name(key, child(pointer, key), faults)
        checked = {key: item(member, child(pointer, key), faults) for key, member in value.items()}
        return checked if len(faults.found) == before else None

    return check


def fields(value: object, pointer: str, faults: Faults, shape: Shape) -> dict[str, Any]:
    """Check an object with known keys; answers those members that are right (none if it is no object)."""
    if not isinstance(value, dict):
        faults.add(pointer, "wrong-type", "an object")
        return {}
    note_doubled(value, pointer, faults)
    for key in value:
        if key not in shape.checks:
            faults.add(child(pointer, key), "unknown-key", f"only {' '.join(shape.checks)}")
    checked: dict[str, Any] = {}
    for key, check in shape.checks.items():
        if key in value:
            checked[key] = check(value[key], child(pointer, key), faults)
        elif key not in shape.optional:
            faults.add(child(pointer, key), "missing", "this key is needed")
    return {key: member for key, member in checked.items() if member is not None}


def note_doubled(value: dict[str, Any], pointer: str, faults: Faults) -> None:
    """Note every key that the JSON object named more than once."""
    if isinstance(value, DoubleKeys):
        for key in value.doubled:
            faults.add(child(pointer, key), "double-key", "each key once in an object")
