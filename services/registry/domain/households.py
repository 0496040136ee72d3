"""Households: who belongs to a family, as far as it is nobody else's business; the plain side of what is sealed."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from shared.kernel.errors import Finding

Household = Mapping[str, Any]
LATEST_DUE_MONTHS: Final = 10
"""A pregnancy that ends later than this from now is a slip of the pen."""
_WHOLE_DAY: Final = len("2018-05-17")


def counted(household: Household) -> tuple[int, int]:
    """How many adults and children live here: those abroad and those not yet born are not among them."""
    adults, children = (
        sum(not member.get("abroad", False) for member in household.get(kind, ())) for kind in ("adults", "children")
    )
    return adults, children


def household_findings(household: Household, today: str) -> tuple[Finding, ...]:
    """What is wrong with a household that has the right form; pointers begin at the household."""
    members = [
        (f"/{kind}/{number}", member)
        for kind in ("adults", "children")
        for number, member in enumerate(household.get(kind, ()))
    ]
    found: list[Finding] = []
    for pointer, member in members:
        found += _birth_findings(pointer, member, today)
        found += _home_findings(pointer, member, household.get("homes", ()))
    for number, child in enumerate(household.get("children", ())):
        found += _guardian_findings(f"/children/{number}", child.get("guardians", ()))
    for number, pregnancy in enumerate(household.get("pregnancies", ())):
        if pregnancy["due"] > month_after(today[:7], LATEST_DUE_MONTHS):
            latest = month_after(today[:7], LATEST_DUE_MONTHS)
            found.append(Finding(f"/pregnancies/{number}/due", "too-late", f"<= {latest}"))
    return tuple(found)


def month_after(month: str, months: int) -> str:
    """The month (``YYYY-MM``) some months later."""
    index = int(month[:4]) * 12 + int(month[5:7]) - 1 + months
    return f"{index // 12:04d}-{index % 12 + 1:02d}"


def _birth_findings(pointer: str, member: Mapping[str, Any], today: str) -> Iterator[Finding]:
    birth = member.get("birth")
    if birth is None:
        return
    plain = birth.rstrip("?~%")
    # A season is compared by its year: which months it has is not said.
    known = plain[:4] if plain[5:7] > "12" else plain
    if known > today[: len(known)]:
        yield Finding(f"{pointer}/birth", "day-in-future", f"<= {today}")
    if len(plain) == _WHOLE_DAY and member.get("source") is None:
        yield Finding(f"{pointer}/source", "missing", "document or statement, where a whole day is given")


def _home_findings(pointer: str, member: Mapping[str, Any], homes: Sequence[str]) -> Iterator[Finding]:
    for number, home in enumerate(member.get("homes", ())):
        if home not in homes:
            yield Finding(f"{pointer}/homes/{number}", "not-one-of", ", ".join(homes) or "one of the household's homes")


def _guardian_findings(pointer: str, guardians: Sequence[Mapping[str, Any]]) -> Iterator[Finding]:
    for number, guardian in enumerate(guardians):
        if (guardian.get("person") is None) == (guardian.get("organisation") is None):
            yield Finding(f"{pointer}/guardians/{number}", "one-of-two", "either a person or an organisation")
