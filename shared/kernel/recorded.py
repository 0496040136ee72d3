"""Values on two time axes: the day from which they hold (valid time), and since when that is known (recorded time).

What is recorded is never changed: a correction is one more entry, so that what was known at any instant can be told.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

from shared.kernel.dates import Dated, value_on

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Recorded(Generic[T]):
    """``value`` holds from the day ``since`` on, as recorded at the instant ``at`` in the aggregate's ``version``.

    What was stored before recorded time was kept has neither instant nor version: it counts as known ever since.
    """

    since: str
    value: T
    at: str = ""
    version: int = 0


def with_recorded(
    entries: tuple[Recorded[T], ...], since: str, value: T, *, at: str, version: int
) -> tuple[Recorded[T], ...]:
    """``entries`` and one more, recorded at ``at``, or with the last one where another machine's clock is ahead."""
    return (*entries, Recorded(since, value, max(at, entries[-1].at) if entries else at, version))


def known(entries: Iterable[Recorded[T]], at: str | None = None) -> tuple[Dated[T], ...]:
    """The dated list that was known at an instant (now, where none is named), sorted, each day once.

    Of two entries from the same day the later recorded one counts; what changes nothing is left out.
    """
    values = {entry.since: entry.value for entry in entries if at is None or entry.at <= at}
    history = [Dated(since, values[since]) for since in sorted(values)]
    return tuple(
        entry
        for entry, before in zip(history, (None, *history), strict=False)
        if not before or entry.value != before.value
    )


def valid(entries: Iterable[Recorded[T]], day: str, at: str | None = None) -> T | None:
    """What was known at an instant about a day; the first entry also holds for earlier days; ``None`` for nothing."""
    return value_on(known(entries, at), day)
