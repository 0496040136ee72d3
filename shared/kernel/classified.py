"""How sensitive each field of a model is, said at the model itself, and checked when it is imported."""

from collections.abc import Callable, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final, TypeVar

C = TypeVar("C", bound=type[Any])


class Sensitivity(StrEnum):
    """Who may know a value, from anybody to almost nobody."""

    PUBLIC = "public"
    """Could stand on the association's web page: names of places, organisations, programmes, topics."""
    INTERNAL = "internal"
    """The association's own: facts of the work, dimensions that are counted, codes, what hangs on a random id."""
    PERSONAL = "personal"
    """Says who somebody is, or leads to her: what is sealed of people, and the random ids that stand for them."""
    SPECIAL = "special"
    """A special category (Art. 9 GDPR), or a token of one."""


_STATED: Final[dict[type[Any], Mapping[str, Sensitivity]]] = {}


def classified(*, public: str = "", internal: str = "", personal: str = "", special: str = "") -> Callable[[C], C]:
    """For a model's own fields, named in words parted by spaces; those it inherits are classified where they stand.

    Raises ``TypeError`` for a name that is twice there, or no field. What is named nowhere is found by
    ``tests/architecture/test_classified.py``.
    """
    named = [
        (name, sensitivity)
        for sensitivity, names in zip(Sensitivity, (public, internal, personal, special), strict=True)
        for name in names.split()
    ]
    stated = MappingProxyType(dict(named))

    def state(model: C) -> C:
        # Read from the class itself: a base's fields are the base's to classify.
        unknown = set(stated) - set(vars(model).get("__annotations__", {}))
        if unknown or len(stated) < len(named):
            wrong = ", ".join(sorted(unknown)) or "a name"
            raise TypeError(f"{model.__name__}: {wrong} is no field of its own, or is named twice")
        _STATED[model] = stated
        return model

    return state


def sensitivities(model: type[Any]) -> dict[str, Sensitivity]:
    """Every field of the model with its class, inherited ones first."""
    found: dict[str, Sensitivity] = {}
    for base in reversed(model.__mro__):
        found |= _STATED.get(base, {})
    return found
