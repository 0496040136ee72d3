"""``python -m deploy.bench``: measures, shows a table, writes ``build/bench/<name>.json``; whole runs renew the page.

A goal that is missed is shown, and no fault of the command.
"""

import argparse
import asyncio
import json
import shutil
import time
from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

from deploy.bench.harness import ROUNDS, SECONDS, Benchmark, Run, all_benchmarks
from deploy.bench.page import FIGURES, ROOT, goal_words, written
from deploy.bench.picture import number
from shared.contracts.documents import write_below

OUT = ROOT / "build" / "bench"


def main(arguments: Sequence[str] | None = None) -> None:
    """Measures what was asked for."""
    parser = argparse.ArgumentParser(prog="python -m deploy.bench", description=__doc__)
    parser.add_argument("names", nargs="*", help="which benchmarks; without any, all of them")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--seconds", type=float, default=SECONDS)
    asked = parser.parse_args(arguments)
    known = all_benchmarks()
    unknown = sorted(set(asked.names) - set(known))
    if unknown:
        parser.error(f"no benchmark is called {', '.join(unknown)}; there are {', '.join(known)}")
    chosen = [known[name] for name in asked.names or known]
    _show(asyncio.run(_measure_all(chosen, asked.rounds, asked.seconds)))


async def _measure_all(chosen: Sequence[Benchmark], rounds: int, seconds: float) -> list[dict[str, Any]]:
    scratch = OUT / "scratch"
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(parents=True)
    run = Run(scratch, rounds, seconds, say=lambda text: print(text, flush=True))
    results: list[dict[str, Any]] = []
    try:
        for number_, subject in enumerate(chosen, start=1):
            began = time.monotonic()
            print(f"{number_}/{len(chosen)} {subject.name}: {subject.what}", flush=True)
            results.append(await run.measure(subject))
            _keep(results[-1], whole=run.counts)
            print(f"    took {time.monotonic() - began:.0f} s", flush=True)
    finally:
        await run.close()
    shutil.rmtree(scratch, ignore_errors=True)
    return results


def _keep(result: dict[str, Any], *, whole: bool) -> None:
    name = f"{result['name']}.json"
    write_below(OUT, {name: json.dumps(result, ensure_ascii=False, indent=2) + "\n"})
    if whole:
        (ROOT / FIGURES).mkdir(parents=True, exist_ok=True)
        shutil.copyfile(OUT / name, ROOT / FIGURES / name)
        write_below(ROOT, written())


def _show(results: Sequence[dict[str, Any]]) -> None:
    table = Table("benchmark", "ours", "bare", "unit", "ratio", "goal", "met", title="Benchmarks")
    for result in results:
        ours, bare = number(result["value"]), number(result["baseline"]["value"])
        met = "" if result["goal"] is None else "yes" if result["met"] else "NO"
        table.add_row(
            result["name"], ours, bare, result["unit"], f"{result['ratio']:.2f}", goal_words(result), met
        )  # fmt: skip
    Console().print(table)


if __name__ == "__main__":
    main()
