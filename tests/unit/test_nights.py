"""Which night is due, by the clock on the wall in Germany."""

import pytest

from shared.kernel.clock import read_instant
from shared.storage.jobs import night_of


@pytest.mark.parametrize(
    ("moment", "night"),
    [
        ("2026-01-15T00:59:59.999Z", "2026-01-14"),
        ("2026-01-15T01:00:00.000Z", "2026-01-15"),
        ("2026-07-15T00:00:00.000Z", "2026-07-15"),
        # The clocks go forward: there is no two o'clock, and three follows 1:59.
        ("2026-03-29T00:59:59.000Z", "2026-03-28"),
        ("2026-03-29T01:00:00.000Z", "2026-03-29"),
        # The clocks go back: two o'clock comes twice, and is one night.
        ("2026-10-24T23:59:59.000Z", "2026-10-24"),
        ("2026-10-25T00:00:00.000Z", "2026-10-25"),
        ("2026-10-25T01:00:00.000Z", "2026-10-25"),
        ("2026-12-31T23:30:00.000Z", "2026-12-31"),
    ],
)
def test_night_begins_at_two_in_germany(moment: str, night: str) -> None:
    assert night_of(read_instant(moment)) == night
