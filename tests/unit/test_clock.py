"""Instants: one form that sorts, and none outside of what can be written."""

import pytest

from shared.kernel.clock import read_instant, write_instant


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "2026-01-01T00:00:00"])
def test_instant_that_utc_cannot_name_is_a_wrong_value(text: str) -> None:
    with pytest.raises(ValueError, match="an instant"):
        read_instant(text)


def test_early_years_have_four_digits_so_that_strings_sort_as_instants() -> None:
    early, late = (
        write_instant(read_instant(text)) for text in ("0999-01-01T00:00:00.123456Z", "2026-01-01T00:00:00Z")
    )
    assert (early, late) == ("0999-01-01T00:00:00.123Z", "2026-01-01T00:00:00.000Z")
    assert early < late
