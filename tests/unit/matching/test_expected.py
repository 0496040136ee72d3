"""How long somebody may expect to wait, as those did who were matched lately."""

from services.matching.domain.expected import Expected, expected_waits
from services.matching.domain.known import Participation

DAYS = ("2026-01-11", "2026-01-04", "2026-01-31", "2026-01-02", "2026-01-21")


def waited(number: int, language: str = "ar", topics: tuple[str, ...] = ("health",)) -> Participation:
    return Participation(f"p{number}", "paten", "2026-01-01", person="x", levels={language: "native"}, topics=topics)


def test_median_is_of_the_same_language_and_topic() -> None:
    families = [waited(number) for number in range(5)]
    first = {one.id: day for one, day in zip(families, DAYS, strict=True)}
    assert expected_waits(families, first) == (Expected("ar", None, 5, 10), Expected("ar", "health", 5, 10))


def test_fewer_than_five_say_nothing() -> None:
    families = [waited(number) for number in range(4)] + [waited(4, topics=("law",)), waited(5, "fa")]
    first = {one.id: "2026-01-11" for one in families}
    assert expected_waits(families, first) == (Expected("ar", None, 5, 10),)


def test_who_was_helped_before_the_stated_day_has_not_waited() -> None:
    families = [waited(number) for number in range(5)]
    assert expected_waits(families, {one.id: "2025-12-20" for one in families})[0].days == 0
