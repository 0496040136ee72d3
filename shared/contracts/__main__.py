"""``python -m shared.contracts``: writes the schemas of all topics and the reference of all events."""

from pathlib import Path

from shared.contracts.documents import write_below, written

if __name__ == "__main__":
    write_below(Path(__file__).resolve().parents[2], written())
