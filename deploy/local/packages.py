"""Install what is missing from the list of Debian packages, or say in one line what to type."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

LIST = Path(__file__).with_name("debian.txt")
_INDISPENSABLE = ("java", "mvn")


def wanted(text: str) -> list[list[str]]:
    """The list's entries in order, each as its alternatives; comments and empty lines are left out."""
    lines = (line.split("#", 1)[0].strip() for line in text.splitlines())
    return [[name.strip() for name in line.split("|")] for line in lines if line]


def missing(entries: list[list[str]], installed: set[str]) -> list[list[str]]:
    """The entries of which no alternative is installed."""
    return [entry for entry in entries if not installed.intersection(entry)]


def chosen(entries: list[list[str]], known: Callable[[str], bool]) -> list[str]:
    """One package for each entry: the first known one, else the first."""
    return [next((name for name in entry if known(name)), entry[0]) for entry in entries]


def line_to_type(packages: list[str]) -> str:
    """What a person without the right to install has to type or pass on."""
    return f"sudo apt-get update && sudo apt-get install --no-install-recommends -y {' '.join(packages)}"


def _installed(entries: list[list[str]]) -> set[str]:
    names = [name for entry in entries for name in entry]
    # Unknown names make dpkg-query fail but do not keep it from answering for the others.
    query = ["dpkg-query", "--show", "--showformat=${Package} ${db:Status-Status}\n", *names]
    answer = subprocess.run(query, capture_output=True, text=True, check=False)
    pairs = (line.rsplit(" ", 1) for line in answer.stdout.splitlines())
    return {name for name, status in pairs if status == "installed"}


def _known(name: str) -> bool:
    policy = subprocess.run(["apt-cache", "policy", name], capture_output=True, text=True, check=False)
    return "Candidate:" in policy.stdout and "Candidate: (none)" not in policy.stdout


def _install(packages: list[str]) -> int:
    print(f"installing {' '.join(packages)}", flush=True)
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    command = ["apt-get", "install", "-qq", "-y", "--no-install-recommends", *packages]
    return subprocess.run(command, env=environment, check=False).returncode


def main() -> int:
    """Returns 0 if everything is there in the end; a repeat with nothing missing changes nothing."""
    entries = wanted(LIST.read_text())
    if shutil.which("dpkg-query") is None:
        absent = [name for name in _INDISPENSABLE if shutil.which(name) is None]
        if absent:
            print(f"not Debian: please install {', '.join(absent)} (see {LIST.name})", file=sys.stderr)
        return 1 if absent else 0
    lacking = missing(entries, _installed(entries))
    if not lacking:
        return 0
    if os.geteuid() != 0:
        print(line_to_type(chosen(lacking, _known)), file=sys.stderr)
        return 1
    updated = subprocess.run(["apt-get", "update", "-qq"], check=False).returncode
    return updated or _install(chosen(lacking, _known))


if __name__ == "__main__":
    sys.exit(main())
