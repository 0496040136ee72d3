"""Filters of the lists of facts."""

from shared.storage.mongo import Document


def between(since: str | None, until: str | None) -> Document:
    """Facts from ``since`` up to, but without, ``until``."""
    bounds = {name: day for name, day in (("$gte", since), ("$lt", until)) if day is not None}
    return {"date": bounds} if bounds else {}


def equal(**fields: str | None) -> Document:
    """Facts with these values, where they are asked for."""
    return {name: value for name, value in fields.items() if value is not None}
