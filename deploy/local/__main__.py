"""The local stack by hand: `prepare` fetches what it needs, `up` runs it until it is told to stop."""

import argparse
import sys
from pathlib import Path

from deploy.local.jars import JarsNotFetchedError, MissingProgramError, ensure_archive, jars
from deploy.local.processes import told_to_stop
from deploy.local.stack import Stack


def write_env_file(file: Path, stack: Stack) -> None:
    """Write the addresses for the services; the file appears complete or not at all."""
    unfinished = file.with_name(file.name + ".unfinished")
    unfinished.parent.mkdir(parents=True, exist_ok=True)
    unfinished.write_text(f"TUEROEFFNER_MONGO_URL={stack.mongo_url}\nTUEROEFFNER_KAFKA={stack.kafka}\n")
    unfinished.replace(file)


def _up(root: Path, mongo_nodes: int, kafka_nodes: int, env_file: Path | None) -> int:
    told = told_to_stop()
    with Stack.start(root, mongo_nodes, kafka_nodes) as stack:
        print(f"MongoDB  {stack.mongo_url}\nKafka    {stack.kafka}", flush=True)
        if env_file is not None:
            write_env_file(env_file, stack)
        try:
            told.wait()
        finally:
            if env_file is not None:
                env_file.unlink(missing_ok=True)
    return 0


def main(arguments: list[str] | None = None) -> int:
    """Exit code 0 after a stop that was asked for, 1 if a program or the jars cannot be had."""
    parser = argparse.ArgumentParser(prog="python -m deploy.local", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("prepare", help="fetch the jars and make the class-data archive, if need be")
    up = commands.add_parser("up", help="start, and stay in the foreground")
    up.add_argument("--root", type=Path, required=True, help="folder for all data; made if it is missing")
    up.add_argument("--mongo-nodes", type=int, default=1, choices=(1, 3))
    up.add_argument("--kafka-nodes", type=int, default=1, choices=(1, 3))
    up.add_argument("--env-file", type=Path, help="written when everything answers, removed at the end")
    chosen = parser.parse_args(arguments)
    try:
        return _prepare() if chosen.command == "prepare" else _run(chosen)
    except (MissingProgramError, JarsNotFetchedError) as error:
        print(error, file=sys.stderr)
        return 1


def _prepare() -> int:
    ensure_archive(jars())
    return 0


def _run(chosen: argparse.Namespace) -> int:
    return _up(chosen.root, chosen.mongo_nodes, chosen.kafka_nodes, chosen.env_file)


if __name__ == "__main__":
    sys.exit(main())
