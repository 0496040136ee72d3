"""The relay's pauses: a stall is followed by a few, a crowd by as many as it lasts."""

import pytest

from shared.messaging.relay import LONGEST_PAUSE, pause_after


def later(rate: float, rows: int, rounds: int) -> list[float]:
    """The pauses that follow a round of ``rows`` where ``rate`` more come every second."""
    pauses: list[float] = []
    for _ in range(rounds):
        pauses.append(pause_after(rows))
        rows = int(rate * pauses[-1])
    return pauses


@pytest.mark.parametrize("rate", [10, 100, 200, 300])
def test_pauses_fade_away_below_400_rows_a_second(rate: float) -> None:
    assert later(rate, 500, 30)[-1] == 0


@pytest.mark.parametrize("rate", [500, 1_000, 5_000])
def test_pauses_grow_to_the_longest_above(rate: float) -> None:
    assert later(rate, 10, 30)[-1] == LONGEST_PAUSE


def test_single_row_is_followed_by_next_to_nothing() -> None:
    assert pause_after(1) <= 0.003
    assert pause_after(0) == 0
