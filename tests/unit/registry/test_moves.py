"""From one site to another, from a day on."""

import pytest

from services.registry.domain.moves import moved
from shared.kernel.dates import Dated
from shared.kernel.errors import Refused

SITES = (Dated("2025-11-17", "haus-awo"), Dated("2026-01-10", "haus-insel"))
TODAY = "2026-02-01"


def test_move_holds_from_its_day_on_and_the_same_day_corrects_it() -> None:
    further = moved(SITES, "2025-11-17", site="haus-awo", since="2026-01-20", today=TODAY)
    assert further == (*SITES, Dated("2026-01-20", "haus-awo"))
    corrected = moved(SITES, "2025-11-17", site="haus-anker", since="2026-01-10", today=TODAY)
    assert corrected == (SITES[0], Dated("2026-01-10", "haus-anker"))
    assert moved((), "2025-11-17", site="haus-awo", since="2025-11-20", today=TODAY) == (
        Dated("2025-11-20", "haus-awo"),
    )


@pytest.mark.parametrize(
    ("site", "since", "pointer", "code"),
    [
        ("haus-awo", "2026-02-02", "/since", "day-in-future"),
        ("haus-awo", "2026-01-09", "/since", "too-early"),
        ("haus-insel", "2026-01-20", "/site", "contradiction"),
    ],
)
def test_what_is_no_move_is_refused(site: str, since: str, pointer: str, code: str) -> None:
    with pytest.raises(Refused) as refusal:
        moved(SITES, "2025-11-17", site=site, since=since, today=TODAY)
    assert [(finding.pointer, finding.code) for finding in refusal.value.findings] == [(pointer, code)]


def test_nobody_moves_before_the_beginning() -> None:
    with pytest.raises(Refused):
        moved((), "2025-11-17", site="haus-awo", since="2025-11-16", today=TODAY)
