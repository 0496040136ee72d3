"""What a service is made of; the same runtime starts all four."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fastapi import APIRouter

from shared.messaging.projection import Projection
from shared.messaging.reactions import Handler
from shared.storage.jobs import Job
from shared.storage.store import Layout, Store


@dataclass(frozen=True, slots=True)
class Service:
    """A service's parts, as its ``app.py`` wires them."""

    name: str
    title: str
    layout: Layout
    routers: Sequence[APIRouter]
    projections: Sequence[Projection] = ()
    reactions: Mapping[str, Handler] = field(default_factory=dict)
    fresh_topics: tuple[str, ...] = ()
    """Topics of this service whose readers need to know how fresh they are."""
    words: Path | None = None
    """The folder of the service's own catalogues: titles of its problems."""
    at_start: Mapping[str, Job] = field(default_factory=dict)
    """What an interrupted process may have left undone, by name; for one process at a time, and repeatable."""
    nightly: Mapping[str, Job] = field(default_factory=dict)
    """What is due every night, by name; for one process at a time, and repeatable."""
    minutely: Mapping[str, Job] = field(default_factory=dict)
    """What is looked at about once a minute, by name; for one process at a time, and repeatable."""
    measure: Callable[[Store], Awaitable[None]] | None = None
    """Sets the service's own gauges in ``store.metrics``; called every ten seconds, may raise ``MongoFault``."""
    extend: Callable[[Store], Mapping[str, Any]] | None = None
    """Makes what the service's endpoints find as ``desk.extra[name]``, such as a process pool."""
