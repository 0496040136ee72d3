"""Children of the local stack: tied to the process, not to the thread; loud when they fail."""

import os
import select
import threading
from pathlib import Path

import pytest

from deploy.local.processes import Component, ComponentFailedError

SLEEP = ["sleep", "60"]


def ends_within(pid: int, seconds: float) -> bool:
    handle = os.pidfd_open(pid)
    try:
        return bool(select.select([handle], [], [], seconds)[0])
    finally:
        os.close(handle)


def test_child_outlives_the_thread_that_asked_for_it(tmp_path: Path) -> None:
    log = tmp_path / "log"
    command = ["sh", "-c", "echo awake; exec sleep 60"]
    component = Component("sleeper", command, log, ready=lambda: log.exists() and "awake" in log.read_text())

    def start_and_wait() -> None:
        component.start()
        component.wait_until_ready(within=10)

    # The thread ends only when the child has been tied: an earlier end would prove nothing.
    asking = threading.Thread(target=start_and_wait)
    asking.start()
    asking.join()
    try:
        assert not ends_within(component.pid, 0.5)
    finally:
        component.kill()
    assert not component.running


def test_component_that_ends_too_early_is_reported_with_its_last_words(tmp_path: Path) -> None:
    component = Component("talker", ["sh", "-c", "echo no room left; exit 3"], tmp_path / "log", ready=lambda: False)
    component.start()
    with pytest.raises(ComponentFailedError, match=r"talker ended before it was ready(.|\n)*no room left"):
        component.wait_until_ready(within=10)


def test_component_that_never_answers_is_given_up(tmp_path: Path) -> None:
    component = Component("sleeper", SLEEP, tmp_path / "log", ready=lambda: False)
    component.start()
    try:
        with pytest.raises(ComponentFailedError, match="not ready within"):
            component.wait_until_ready(within=0.1)
    finally:
        component.kill()


def test_component_that_ignores_a_polite_request_is_killed_in_the_end(tmp_path: Path) -> None:
    stubborn = ["sh", "-c", "trap '' TERM; echo deaf; while :; do sleep 60; done"]
    log = tmp_path / "log"
    component = Component("stubborn", stubborn, log, ready=lambda: log.exists() and "deaf" in log.read_text())
    component.start()
    component.wait_until_ready(within=10)
    component.terminate()
    component.wait_until_gone(within=0.2)
    assert not component.running


def test_component_can_be_started_again_and_its_log_goes_on(tmp_path: Path) -> None:
    log = tmp_path / "log"
    command = ["sh", "-c", "echo hello; exec sleep 60"]
    component = Component("greeter", command, log, lambda: log.read_text().count("hello") == expected[-1])
    expected = [0]
    for _ in range(2):
        expected.append(expected[-1] + 1)
        component.start()
        component.start()
        component.wait_until_ready(within=10)
        component.stop()
        component.stop()
    assert component.log_tail().count("hello") == 2


def test_component_without_a_process_has_no_pid(tmp_path: Path) -> None:
    component = Component("nobody", SLEEP, tmp_path / "log", ready=lambda: True)
    with pytest.raises(ComponentFailedError, match="nobody has not been started"):
        _ = component.pid
    component.stop()
    component.kill()
