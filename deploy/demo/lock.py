"""One demo at a time in a checkout."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class DemoRunsError(RuntimeError):
    """Another demo runs here; the message says which process, and since when."""


@contextmanager
def only_one(file: Path) -> Iterator[None]:
    """Holds the lock; it ends with the process, however that ends. Raises ``DemoRunsError`` without waiting."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("a+") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            handle.seek(0)
            holder = handle.read().strip() or "another process"
            raise DemoRunsError(f"A demo already runs in this checkout: {holder}.") from None
        handle.truncate(0)
        handle.write(f"process {os.getpid()}, since {time.strftime('%H:%M:%S')}\n")
        handle.flush()
        yield
