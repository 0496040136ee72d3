"""When what was broken, when what was answered: one run a test, for the report."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from statistics import median
from time import monotonic, thread_time

MOST_STRETCH = 3.0
"""Limits are stretched by this much at most: what takes longer is a failure, whoever else takes the cores."""
_SPIN = 0.01
_SPINS = 7


@dataclass(slots=True)
class Fault:
    """Something that was broken, from a moment until it was mended; both in seconds of the monotonic clock."""

    label: str
    begin: float
    end: float


@dataclass(slots=True)
class Run:
    """One test: its faults, its measures, and streams of moments at which something was answered or arrived."""

    name: str
    began: float = field(default_factory=monotonic)
    ended: float = 0.0
    passed: bool = False
    faults: list[Fault] = field(default_factory=list)
    measured: list[str] = field(default_factory=list)
    streams: dict[str, Sequence[float]] = field(default_factory=dict)
    slow: float = 1.0

    @contextmanager
    def fault(self, label: str) -> Iterator[Fault]:
        """Notes a fault that lasts as long as the block."""
        fault = Fault(label, monotonic(), 0.0)
        self.faults.append(fault)
        try:
            yield fault
        finally:
            fault.end = monotonic()

    def at(self, label: str) -> float:
        """Notes a fault of one moment; that moment."""
        now = monotonic()
        self.faults.append(Fault(label, now, now))
        return now

    def note(self, text: str) -> None:
        """What was measured, in words, for the terminal and the report."""
        self.measured.append(text)

    def bound(self, seconds: float) -> float:
        """A limit for this machine as it is now: where others take the cores, everything takes longer."""
        self.slow = max(self.slow, slowness())
        return seconds * min(self.slow, MOST_STRETCH)

    def hold(self, what: str, seconds: float, limit: float) -> None:
        """Notes what was measured beside its limit, and fails where it is longer than that limit is on this machine."""
        here = self.bound(limit)
        stretched = f", stretched to {here:.1f}" if here > 1.1 * limit else ""
        self.note(f"{what} {seconds:.1f} s (limit {limit:.0f} s{stretched})")
        assert seconds < here, self.measured[-1]

    def close(self) -> None:
        """The test has ended; what its streams say later belongs to others."""
        self.ended = monotonic()
        self.streams = {name: [at for at in stream if at >= self.began] for name, stream in self.streams.items()}


@dataclass(slots=True)
class Book:
    """All runs of the session."""

    runs: list[Run] = field(default_factory=list)
    load: tuple[float, float, float] = field(default_factory=os.getloadavg)


def slowness() -> float:
    """How much longer than its own computing a piece of computing takes now; 1.0 on a machine of one's own."""
    ratios = []
    for _ in range(_SPINS):
        wall, own = monotonic(), thread_time()
        while thread_time() - own < _SPIN:
            pass
        ratios.append((monotonic() - wall) / (thread_time() - own))
    return max(1.0, median(ratios))


def silence(moments: Sequence[float], since: float, until: float | None = None) -> float:
    """The longest time without a moment, from one until another (or now)."""
    until = monotonic() if until is None else until
    later = [since, *(moment for moment in moments if since < moment < until), until]
    return max(after - before for before, after in pairwise(later))
