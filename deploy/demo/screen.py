"""What the demo shows while it runs: a line per step with its seconds, a bar for long ones on a terminal."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

from rich.console import Console
from rich.progress import BarColumn, Progress, ProgressColumn, Task, TaskID, TextColumn, TimeElapsedColumn
from rich.text import Text

_WIDTH: Final = 132


class _Done(ProgressColumn):
    """How many of how many; nothing where nobody knows of how many."""

    def render(self, task: Task) -> Text:
        return Text("" if task.total is None else f"{task.completed:.0f}/{task.total:.0f}")


@dataclass(slots=True)
class Step:
    """One step: what came out of it, and how far it is."""

    name: str
    seconds: float = 0.0
    told: str = ""
    _bar: Progress | None = None
    _task: TaskID | None = None

    def total(self, number: int) -> None:
        """How many parts it has."""
        if self._bar is not None and self._task is not None:
            self._bar.update(self._task, total=number, completed=0)

    def advance(self) -> None:
        """One more part is done."""
        if self._bar is not None and self._task is not None:
            self._bar.advance(self._task)

    def tell(self, words: str) -> None:
        """What came out, in a line."""
        self.told = words


def _console() -> Console:
    plain = Console(highlight=False)
    # A file has no width of its own; tables of 80 characters would break in every cell.
    return plain if plain.is_terminal else Console(highlight=False, width=_WIDTH)


@dataclass(slots=True)
class Screen:
    """Lines to a terminal or a file; keeps the steps for the table at the end."""

    console: Console = field(default_factory=_console)
    steps: list[Step] = field(default_factory=list)

    @contextmanager
    def step(self, name: str) -> Iterator[Step]:
        """Measures a step and shows its line when it is done."""
        columns = (TextColumn("  … {task.description}"), BarColumn(30), _Done(), TimeElapsedColumn())
        with Progress(*columns, console=self.console, transient=True, disable=not self.console.is_terminal) as bar:
            step = Step(name, _bar=bar, _task=bar.add_task(name, total=None))
            began = time.monotonic()
            yield step
            step.seconds = time.monotonic() - began
        self.steps.append(step)
        self.console.print(f"  ✓ {name:<22} {step.seconds:6.1f} s   {step.told}", markup=False, soft_wrap=True)

    def say(self, words: str) -> None:
        """A line of its own."""
        self.console.print(words, markup=False, soft_wrap=True)

    def note(self, words: str) -> None:
        """A line that belongs to the step before."""
        self.console.print(f"      {words}", markup=False)
