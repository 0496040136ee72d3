"""A matching file in which some rules no longer decide: what a round could do if one of them were soft."""

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any, Final

Document = dict[str, Any]
_ANY_SLOT: Final = "mon-am"


def _everybody_understands(file: Document) -> Document:
    return {**file, "families": [{**row, "interpreter": True} for row in file["families"]]}


def _everybody_offers(file: Document) -> Document:
    return _mentors(file, topics=_of_families(file, "topics"))


def _everybody_is_qualified(file: Document) -> Document:
    return _mentors(file, qualified=_of_families(file, "topics"))


def _everybody_has_time(file: Document) -> Document:
    rows = {side: [{**row, "slots": _with(row["slots"], _ANY_SLOT)} for row in file[side]] for side in _SIDES}
    return {**file, **rows}


def _everybody_comes(file: Document) -> Document:
    return _mentors(file, districts={row["district"] for row in file["families"]})


def _nobody_wishes_a_gender(file: Document) -> Document:
    rows = {side: [{key: row[key] for key in row if key != "gender_wish"} for row in file[side]] for side in _SIDES}
    return {**file, **rows}


def _everybody_has_places(file: Document) -> Document:
    places = len(file["families"])
    return {**file, "mentors": [{**row, "capacity": max(places, row["capacity"])} for row in file["mentors"]]}


_SIDES: Final = ("mentors", "families")
_RELAX: Final[Mapping[str, Callable[[Document], Document]]] = {
    "language": _everybody_understands,
    "topic": _everybody_offers,
    "qualification": _everybody_is_qualified,
    "availability": _everybody_has_time,
    "district": _everybody_comes,
    "gender": _nobody_wishes_a_gender,
    "capacity": _everybody_has_places,
}
SOFT: Final = tuple(_RELAX)
"""The rules of the file that a programme could soften, in their order; consent and exclusion are nobody's to soften."""


def relaxed(file: Document, rules: Iterable[str], closed: Collection[str] = ()) -> Document:
    """The file with each of the rules (of ``SOFT``) passed by every pair; nothing else in it decides differently.

    ``closed`` are mentors that are in it for their tandems only: they get no place, whatever is soft.
    """
    for rule in rules:
        softer = _RELAX[rule](file)
        places = {row["id"]: row["capacity"] for row in file["mentors"] if row["id"] in closed}
        mentors = [{**row, "capacity": places.get(row["id"], row["capacity"])} for row in softer["mentors"]]
        file = {**softer, "mentors": mentors}
    return file


def _mentors(file: Document, **more: set[str]) -> Document:
    added = {name: sorted(values) for name, values in more.items()}
    return {
        **file,
        "mentors": [
            {**row, **{name: _with(row[name], *values) for name, values in added.items()}} for row in file["mentors"]
        ],
    }


def _of_families(file: Document, name: str) -> set[str]:
    return {value for row in file["families"] for value in row[name]}


def _with(values: Iterable[str], *more: str) -> list[str]:
    return sorted({*values, *more})
