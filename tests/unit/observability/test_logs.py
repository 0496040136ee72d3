"""Nothing of a person leaves in a log, whoever writes the line; a noisy library does not drown the rest."""

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from shared.observability import logs

CANARY = "Kanarienvogel"
PERSON = "per_01234567890123456789abcdef"


class Lines:
    """What was logged."""

    def __init__(self) -> None:
        self.stream = io.StringIO()

    @property
    def text(self) -> str:
        return self.stream.getvalue()

    def last(self) -> dict[str, Any]:
        entry: dict[str, Any] = json.loads(self.text.splitlines()[-1])
        return entry


@pytest.fixture
def lines() -> Iterator[Lines]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    found = Lines()
    logs.configure("visits", "INFO", found.stream)
    yield found
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def test_log_drops_keys_that_are_not_on_the_list(lines: Lines) -> None:
    before = logs.dropped_keys
    logs.get_logger("t").info("visit-logged", city="rostock", family_name=CANARY, note=CANARY)
    assert lines.last()["city"] == "rostock"
    assert lines.last()["service"] == "visits"
    assert CANARY not in lines.text
    assert logs.dropped_keys == before + 2


def test_log_cuts_ids_of_people_wherever_they_stand(lines: Lines) -> None:
    logs.get_logger("t").warning(f"stuck at {PERSON}", code=PERSON, action=["x", PERSON])
    logging.getLogger("foreign").warning("key %s", PERSON)
    assert PERSON not in lines.text
    assert lines.text.count("per_…") == 4


def test_log_gives_types_and_places_of_an_exception_but_no_message(lines: Lines) -> None:
    try:
        try:
            raise KeyError(CANARY)
        except KeyError as error:
            raise ValueError(CANARY) from error
    except ValueError:
        logs.get_logger("t").exception("failed")
        own = lines.last()
        logging.getLogger("uvicorn.error").exception("foreign failed")
    assert own["error"] == "ValueError < KeyError"
    assert own["trace"][-1].startswith("test_logs.py:")
    assert lines.last()["error"] == "ValueError < KeyError"
    assert CANARY not in lines.text


def test_log_stays_one_line_an_entry_whatever_is_in_it(lines: Lines) -> None:
    logs.get_logger("t").info('first\n{"event":"forged"}', reason="a\r\nb\u2028c")
    assert lines.text.count("\n") == 1
    assert lines.last()["event"] == 'first\n{"event":"forged"}'


def test_log_names_the_type_of_an_object_instead_of_its_text(lines: Lines) -> None:
    class Telling:
        def __repr__(self) -> str:
            return CANARY

    logs.get_logger("t").info("odd", reason=Telling(), state={"name": CANARY})
    assert lines.last()["reason"] == "Telling"
    assert CANARY not in lines.text


def test_noisy_library_is_cut_short_and_told_how_much_it_said() -> None:
    now = 0.0
    limit = logs.RateLimit(("aiokafka",), burst=3, window=30.0, seconds=lambda: now)
    record = logging.LogRecord("aiokafka.conn", logging.ERROR, "", 1, "no node %s", (1,), None)
    assert [limit.filter(record) for _ in range(10)] == [True] * 3 + [False] * 7
    assert limit.filter(logging.LogRecord("web", logging.ERROR, "", 1, "no node %s", (1,), None))
    now = 31.0
    assert limit.filter(record)
    assert record.__dict__["suppressed"] == 7


def test_driver_writes_no_commands_down_whatever_the_level(lines: Lines) -> None:
    logs.configure("visits", "DEBUG", lines.stream)
    logging.getLogger("pymongo.command").debug("Command started %s", CANARY)
    assert CANARY not in lines.text
    logging.getLogger("pymongo.command").warning("a slow server")
    assert "a slow server" in lines.text
