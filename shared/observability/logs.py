"""Logs as JSON lines with a list of allowed keys: what is not on it never leaves the process.

Ids of people are cut to their kind, exceptions to their types and places (a message may quote what it was about).
"""

import logging
import re
import sys
import time
import traceback
from collections.abc import Callable, MutableMapping
from pathlib import Path
from types import TracebackType
from typing import Any

import structlog

Event = MutableMapping[str, Any]

ALLOWED = frozenset({
    "action", "address", "attempt", "attempts", "bytes", "cause", "cert", "check", "city", "code", "collection",
    "correlation", "count", "duration_ms", "engine", "env", "error", "event", "fact", "generation", "job", "kind",
    "lag", "level", "limit", "logger", "method", "migration", "name", "offset", "partition", "pid", "port", "position",
    "programme", "reason", "release", "role", "rows", "route", "seconds", "sequence", "service", "site", "state",
    "status", "suppressed", "task", "timestamp", "topic", "trace", "version", "where", "why", "worker",
})  # fmt: skip
_PERSONAL = re.compile(r"\b(per|fam|eng|ptc)_[0-7][0-9a-hjkmnp-tv-z]{25}\b")
_LINE_ENDS = str.maketrans(dict.fromkeys("\x85\u2028\u2029", " "))  # JSON leaves them, readers split lines at them
_MAX_VALUE = 2_000
_NOISY = ("aiokafka", "kafka", "opentelemetry")

dropped_keys = 0


def configure(service: str, level: str = "INFO", stream: Any = None) -> None:
    """Sends structlog's and the standard library's records to ``stream`` (standard output) as JSON lines."""
    shared_steps: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _stamp(service),
        cut_exceptions,
        keep_allowed,
    ]
    structlog.configure(
        processors=[*shared_steps, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(stream if stream is not None else sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared_steps,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(ensure_ascii=False, default=_no_value),
            ],
        )
    )
    handler.addFilter(RateLimit(_NOISY))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    # At its lowest level the driver writes whole commands and answers down, people's data with them.
    logging.getLogger("pymongo").setLevel(max(logging.INFO, root.level))


def get_logger(name: str) -> Any:
    """A logger whose methods take an event's name and allowed keys."""
    return structlog.stdlib.get_logger(name)


def keep_allowed(_: Any, __: str, event: Event) -> Event:
    """Drops keys that are not on the list and counts them; cuts ids of people out of what stays."""
    global dropped_keys  # noqa: PLW0603  one count for the process, read by a gauge
    kept: Event = {}
    for key, value in event.items():
        if key in ALLOWED:
            kept[key] = _clean(value)
        elif key.startswith("_") or key in ("exc_info", "stack_info"):
            kept[key] = value
        else:
            dropped_keys += 1
    return kept


def without_people(text: str) -> str:
    """The text with ids of people cut to their kind."""
    return _PERSONAL.sub(r"\1_…", text)


def cut_exceptions(_: Any, __: str, event: Event) -> Event:
    """An exception becomes the types of its chain and the places of its frames, without any message."""
    raised = event.pop("exc_info", None)
    event.pop("exception", None)
    if raised is True:
        raised = sys.exc_info()
    if isinstance(raised, tuple):
        raised = raised[1]
    record = event.get("_record")
    if isinstance(record, logging.LogRecord):
        record.exc_info = None  # the formatter would append the text of the traceback
        record.exc_text = None
    if isinstance(raised, BaseException):
        event["error"] = " < ".join(_chain(raised))
        event["trace"] = places(raised.__traceback__)
    return event


def places(trace: TracebackType | None, most: int = 12) -> list[str]:
    """The innermost frames as ``module.py:line function``."""
    return [f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(trace)[-most:]]


class RateLimit(logging.Filter):
    """Lets ``burst`` records of one message of a noisy library through per ``window`` seconds, then counts."""

    def __init__(
        self,
        prefixes: tuple[str, ...],
        burst: int = 3,
        window: float = 30.0,
        seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__()
        self._prefixes = prefixes
        self._burst = burst
        self._window = window
        self._seconds = seconds
        self._seen: dict[tuple[str, int, str], tuple[float, int]] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether this record is written."""
        if not record.name.startswith(self._prefixes):
            return True
        name = (record.name, record.levelno, str(record.msg)[:200])
        now = self._seconds()
        begin, count = self._seen.get(name, (now, 0))
        if now - begin >= self._window:
            if count > self._burst:
                record.suppressed = count - self._burst
            begin, count = now, 0
        if len(self._seen) > 1_000:
            self._seen.clear()
        self._seen[name] = (begin, count + 1)
        return count < self._burst


def _stamp(service: str) -> Callable[[Any, str, Event], Event]:
    def add(_: Any, __: str, event: Event) -> Event:
        event.setdefault("service", service)
        return event

    return add


def _chain(error: BaseException) -> list[str]:
    names: list[str] = []
    current: BaseException | None = error
    while current is not None and len(names) < 5:
        names.append(type(current).__name__)
        current = current.__cause__ or current.__context__
    return names


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return without_people(value.translate(_LINE_ENDS))[:_MAX_VALUE]
    if isinstance(value, list | tuple):
        return [_clean(item) for item in value[:50]]
    if value is None or isinstance(value, bool | int | float):
        return value
    return type(value).__name__  # an object's own text is nobody's promise


def _no_value(value: Any) -> str:
    return type(value).__name__
