"""Run the stages of the tests one after the other, with names and seconds, up to the first failure."""

import subprocess
import sys
import time
from collections.abc import Callable, Sequence

STAGES = ("lint", "types", "arch", "unit", "contract", "integration", "faults", "e2e")


def run(stages: Sequence[str], execute: Callable[[str], int], clock: Callable[[], float] = time.monotonic) -> int:
    """Execute the stages in order and print a table; returns the first exit code that is not 0."""
    lines, code = [], 0
    for stage in stages:
        print(f"== {stage}", flush=True)
        began = clock()
        code = execute(stage)
        lines.append(f"{stage:<12} {clock() - began:7.1f} s  {'ok' if code == 0 else 'FAILED'}")
        print(f"== {lines[-1]}", flush=True)
        if code != 0:
            break
    print("\n".join(["", *lines]), flush=True)
    return code


def _make(stage: str) -> int:
    return subprocess.run(["make", "--no-print-directory", stage], check=False).returncode


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:] or STAGES, _make))
