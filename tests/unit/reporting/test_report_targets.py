import pytest

from services.reporting.domain.report_targets import AtLeast, AtMost, Goal, Target, Within
from services.reporting.domain.report_values import Gap, Kind


@pytest.mark.parametrize(
    ("goal", "actual", "percent", "reached"),
    [
        (AtLeast(8), 18, 22_500, True),
        (AtLeast(8), 8, 10_000, True),
        (AtLeast(12), 11, 9_167, False),
        (AtLeast(8), 0, 0, False),
        (AtLeast(0), 3, None, True),
        (AtMost(10), 8, 8_000, True),
        (AtMost(10), 11, 11_000, False),
        (AtMost(0), 0, None, True),
        (Within(10, 20), 10, 10_000, True),
        (Within(10, 20), 20, 10_000, True),
        (Within(10, 20), 9, 9_000, False),
        (Within(10, 20), 25, 12_500, False),
        (Within(0, 20), 0, 10_000, True),
    ],
)
def test_target_follows_from_goal_and_actual(goal: Goal, actual: int, percent: int | None, reached: bool) -> None:
    target = Target("volunteers_won", goal, actual)

    assert target.reached_percent == percent
    assert target.reached is reached


def test_target_is_unknown_when_its_actual_is() -> None:
    target = Target("attendance", AtLeast(8), Gap.UNKNOWN)

    assert target.reached is Gap.UNKNOWN
    assert target.reached_percent is Gap.UNKNOWN


def test_target_refuses_what_cannot_be_meant() -> None:
    with pytest.raises(ValueError, match="holds nothing"):
        Within(3, 2)
    with pytest.raises(ValueError, match="no unit"):
        Target("visits", AtLeast(1), 1, Kind.NAME)
    with pytest.raises(ValueError, match="YYYY-MM-DD"):
        Target("visits", AtLeast(1), 1, due="31.12.2010")
