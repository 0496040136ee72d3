"""The check of a matching file: plain JSON in, an ``Instance`` out, or every fault with its pointer."""

from collections import Counter
from collections.abc import Callable
from typing import Any, TypeVar

from services.matching.domain.instance import SLOTS, Family, Instance, Mentor, Pair
from services.matching.domain.shapes import (
    Check,
    Faults,
    Shape,
    child,
    day,
    fields,
    flag,
    name,
    one_of,
    set_of,
    table_of,
    text,
    whole_number,
)
from shared.kernel.errors import Finding
from shared.kernel.languages import LEVELS

_LANGUAGES = table_of(one_of(LEVELS, "unknown-level"))
_SLOTS = set_of(one_of(SLOTS, "unknown-slot"))

_MENTOR_CHECKS: dict[str, Check] = {
    "id": name,
    "languages": _LANGUAGES,
    "districts": set_of(text),
    "topics": set_of(text),
    "qualified": set_of(text),
    "slots": _SLOTS,
    "capacity": whole_number(0),
    "gender": name,
    "gender_wish": name,
    "excluded_families": set_of(name),
}
_MENTOR = Shape(_MENTOR_CHECKS, frozenset({"excluded_families", "gender_wish"}))

_FAMILY_CHECKS: dict[str, Check] = {
    "id": name,
    "languages": _LANGUAGES,
    "district": text,
    "topics": set_of(text),
    "slots": _SLOTS,
    "gender": name,
    "gender_wish": name,
    "urgent": flag,
    "wishes": set_of(text),
    "not_wished": set_of(name),
    "waiting_since": day,
    "interpreter": flag,
    "consent": flag,
    "excluded_mentors": set_of(name),
}
_FAMILY = Shape(
    _FAMILY_CHECKS,
    frozenset({"gender", "gender_wish", "urgent", "wishes", "not_wished", "interpreter", "excluded_mentors"}),
)

Row = TypeVar("Row", Mentor, Family)


def read_instance(data: object) -> Instance:
    """The instance that ``data`` (as JSON gives it) describes.

    Raises ``Refused`` (``instance-refused``) with every fault. Drafts may name people who have left.
    """
    faults = Faults()
    top = fields(data, "", faults, _TOP)
    mentors = _rows(top.get("mentors", []), "/mentors", faults, _MENTOR, Mentor)
    families = _rows(top.get("families", []), "/families", faults, _FAMILY, Family)
    _check_waiting(top, faults)
    frozen = _pairs(top.get("frozen", []), "/frozen", faults)
    drafts = _pairs(top.get("drafts", []), "/drafts", faults)
    _check_frozen(top, frozen, faults)
    faults.refuse("instance-refused")
    return Instance(
        city=top["city"],
        date=top["date"],
        mentors=tuple(sorted(mentors.values(), key=lambda mentor: mentor.id)),
        families=tuple(sorted(families.values(), key=lambda family: family.id)),
        frozen=tuple(sorted(frozen.values())),
        drafts=tuple(sorted(drafts.values())),
    )


def mentor_findings(row: object) -> tuple[Finding, ...]:
    """What the file's check refuses in one mentor's row; pointers begin at the row. Empty if it is right."""
    faults = Faults()
    fields(row, "", faults, _MENTOR)
    return tuple(faults.found)


def family_findings(row: object, today: str) -> tuple[Finding, ...]:
    """What the file's check refuses in one family's row on the day ``today``; pointers begin at the row."""
    faults = Faults()
    checked = fields(row, "", faults, _FAMILY)
    _check_since(checked.get("waiting_since"), today, "", faults)
    return tuple(faults.found)


def _any_list(value: object, pointer: str, faults: Faults) -> list[Any] | None:
    if not isinstance(value, list):
        faults.add(pointer, "wrong-type", "a list")
        return None
    return value


_TOP_CHECKS: dict[str, Check] = {
    "city": name,
    "date": day,
    "mentors": _any_list,
    "families": _any_list,
    "frozen": _any_list,
    "drafts": _any_list,
}
_TOP = Shape(_TOP_CHECKS, frozenset({"frozen", "drafts"}))


def _rows(
    rows: list[Any],
    pointer: str,
    faults: Faults,
    shape: Shape,
    make: Callable[..., Row],
) -> dict[int, Row]:
    """The rows that are right, by their place in the list."""
    right: dict[int, Row] = {}
    seen: set[str] = set()
    for number, row in enumerate(rows):
        before = len(faults.found)
        checked = fields(row, child(pointer, number), faults, shape)
        if checked.get("id") in seen:
            faults.add(f"{pointer}/{number}/id", "double-id", "an id that no other row of the list has")
        seen.update([checked["id"]] if "id" in checked else [])
        if len(faults.found) == before:
            right[number] = make(**checked)
    return right


def _check_waiting(top: dict[str, Any], faults: Faults) -> None:
    for number, row in enumerate(top.get("families", [])):
        since = row.get("waiting_since") if isinstance(row, dict) else None
        _check_since(day(since, "", Faults()), top.get("date"), f"/families/{number}", faults)


def _check_since(since: str | None, today: str | None, pointer: str, faults: Faults) -> None:
    if since is not None and today is not None and since > today:
        faults.add(f"{pointer}/waiting_since", "after-date", f"a day up to the instance's date, {today}")


def _pairs(rows: list[Any], pointer: str, faults: Faults) -> dict[int, Pair]:
    """The pairs that are right, by their place in the list."""
    right: dict[int, Pair] = {}
    seen: set[Pair] = set()
    for number, row in enumerate(rows):
        here = child(pointer, number)
        if not isinstance(row, list) or len(row) != 2:
            faults.add(here, "wrong-type", "a list of two ids: mentor, family")
            continue
        mentor, family = (name(member, child(here, place), faults) for place, member in enumerate(row))
        if mentor is None or family is None:
            continue
        if (mentor, family) in seen:
            faults.add(here, "double-pair", "each pair once")
            continue
        seen.add((mentor, family))
        right[number] = (mentor, family)
    return right


def _check_frozen(top: dict[str, Any], frozen: dict[int, Pair], faults: Faults) -> None:
    capacity = _capacities(top.get("mentors", []))
    known_mentors, known_families = _ids(top.get("mentors", [])), _ids(top.get("families", []))
    used: Counter[str] = Counter()
    for number, (mentor, family) in frozen.items():
        if mentor not in known_mentors:
            faults.add(f"/frozen/{number}/0", "unknown-id", "the id of a mentor in this file")
        if family not in known_families:
            faults.add(f"/frozen/{number}/1", "unknown-id", "the id of a family in this file")
        used[mentor] += 1
        if mentor in capacity and used[mentor] > capacity[mentor]:
            faults.add(f"/frozen/{number}", "above-capacity", f"at most {capacity[mentor]} frozen pairs of this mentor")


def _capacities(rows: list[Any]) -> dict[str, int]:
    """The capacity of every mentor whose id and capacity are right, whatever else is wrong with the row."""
    checked = (fields(row, "", Faults(), _MENTOR) for row in rows)
    return {row["id"]: row["capacity"] for row in checked if "id" in row and "capacity" in row}


def _ids(rows: list[Any]) -> set[str]:
    """Every id that is written down, also in rows with other faults: one mistake, one line."""
    return {row["id"] for row in rows if isinstance(row, dict) and isinstance(row.get("id"), str)}
