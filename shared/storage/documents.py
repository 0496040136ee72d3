"""Aggregates as documents: frozen dataclasses to what MongoDB keeps, and back."""

from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

from shared.kernel.sealed import Sealed
from shared.storage.mongo import Document

if TYPE_CHECKING:
    from cattrs import Converter

A = TypeVar("A")


@cache
def _converter() -> "Converter":
    # Made on first use: a start has no aggregate to convert.
    from cattrs import Converter

    made = Converter(unstruct_collection_overrides={tuple: list, frozenset: sorted})
    made.register_unstructure_hook(Sealed, lambda sealed: {"subject": sealed.subject, "blob": sealed.blob})
    made.register_structure_hook(Sealed, lambda raw, _: Sealed(raw["subject"], bytes(raw["blob"])))
    made.register_structure_hook(bytes, lambda raw, _: bytes(raw))
    return made


def to_document(aggregate: Any) -> Document:
    """The dataclass as a document; its ``id`` becomes ``_id``."""
    document: Document = _converter().unstructure(aggregate)
    if "id" in document:
        document["_id"] = document.pop("id")
    return document


def from_document(kind: type[A], document: Document) -> A:
    """The dataclass that ``document`` was made from; fields it does not know are ignored."""
    raw = dict(document)
    if "_id" in raw:
        raw["id"] = raw.pop("_id")
    return _converter().structure(raw, kind)
