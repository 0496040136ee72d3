"""Aggregates as documents: frozen dataclasses to what MongoDB keeps, and back."""

from typing import Any, TypeVar

from cattrs import Converter

from shared.kernel.sealed import Sealed
from shared.storage.mongo import Document

A = TypeVar("A")

_converter = Converter(unstruct_collection_overrides={tuple: list, frozenset: sorted})
_converter.register_unstructure_hook(Sealed, lambda sealed: {"subject": sealed.subject, "blob": sealed.blob})
_converter.register_structure_hook(Sealed, lambda raw, _: Sealed(raw["subject"], bytes(raw["blob"])))
_converter.register_structure_hook(bytes, lambda raw, _: bytes(raw))


def to_document(aggregate: Any) -> Document:
    """The dataclass as a document; its ``id`` becomes ``_id``."""
    document: Document = _converter.unstructure(aggregate)
    if "id" in document:
        document["_id"] = document.pop("id")
    return document


def from_document(kind: type[A], document: Document) -> A:
    """The dataclass that ``document`` was made from; fields it does not know are ignored."""
    raw = dict(document)
    if "_id" in raw:
        raw["id"] = raw.pop("_id")
    return _converter.structure(raw, kind)
