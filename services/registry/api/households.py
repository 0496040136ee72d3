"""The sealed part of a family: who lives there, as its body, and as it is kept."""

from collections.abc import Collection
from typing import Any, Literal

from pydantic import Field

from services.registry.api.referred import in_household, persons_of, require_referred
from services.registry.domain.households import counted, household_findings
from shared.kernel.dates import today
from shared.kernel.errors import Finding, Refused
from shared.kernel.sealed import Sealed
from shared.web.bodies import Body, Code, Month, PersonId, ReferenceDate, Slug, apply_patch
from shared.web.desk import RequestDesk

UNTOLD: Any = Field(None, description="Left out where it is not known.")


class GuardianBody(Body):
    """Who may speak for a minor: a person, or a body such as a youth welfare office."""

    person: PersonId | None = None
    organisation: Slug | None = None
    capacity: Code = Field(examples=["mother"])


class MemberBody(Body):
    """Somebody of the family. A year is enough of a birth; a whole day says where it comes from."""

    person: PersonId | None = Field(None, description="Where she is registered, too.")
    relation: Code | None = Field(None, examples=["grandmother"])
    birth: ReferenceDate | None = Field(None, examples=["2018"])
    source: Literal["document", "statement"] | None = Field(None, description="Of the birth.")
    homes: list[Code] = Field(default_factory=list, max_length=6, description="In which of the family's flats.")
    abroad: bool = Field(False, description="Not here yet; not counted.")


class AdultBody(MemberBody):
    """An adult of the family."""

    custody: bool | None = UNTOLD
    may_be_told: bool | None = Field(None, description="Whether she may be told what is talked about with the family.")


class ChildBody(MemberBody):
    """A child of the family."""

    kita: Code | None = Field(None, examples=["waiting"])
    guardians: list[GuardianBody] = Field(default_factory=list, max_length=6)


class PregnancyBody(Body):
    """A pregnancy; it is taken out again without a word about why."""

    due: Month
    unborn: int = Field(1, ge=1, le=6)


class HouseholdBody(Body):
    """Who lives there; sealed as a whole. What somebody may not say is left out."""

    homes: list[Code] = Field(default_factory=list, max_length=6, examples=[["flat_of_mother", "flat_of_father"]])
    adults: list[AdultBody] = Field(default_factory=list, max_length=20)
    children: list[ChildBody] = Field(default_factory=list, max_length=20)
    pregnancies: list[PregnancyBody] = Field(default_factory=list, max_length=3)
    single_parent: bool | None = UNTOLD


class HouseholdPatch(Body):
    """A merge patch of the household; lists are replaced, null removes."""

    homes: list[Code] | None = Field(None, max_length=6)
    adults: list[AdultBody] | None = Field(None, max_length=20)
    children: list[ChildBody] | None = Field(None, max_length=20)
    pregnancies: list[PregnancyBody] | None = Field(None, max_length=3)
    single_parent: bool | None = None


def plain_of(body: Body) -> dict[str, Any]:
    """What a part of a body says, as it is sealed."""
    return body.model_dump(mode="json", exclude_none=True)


async def seal_household(
    desk: RequestDesk, family: str, plain: dict[str, Any], told: dict[str, Any], *, known: Collection[str] = ()
) -> dict[str, Any]:
    """``household`` sealed, and ``adults`` and ``children``: as told, or as many as the household has.

    Raises ``Refused`` for what contradicts itself, where fewer are told than are named, and for persons that are not in
    the caller's reach, nor ``known``: named in the household so far.
    """
    findings = [
        Finding(f"/household{finding.pointer}", finding.code, finding.expected)
        for finding in household_findings(plain, today(desk.moment))
    ]
    numbers = dict(zip(("adults", "children"), counted(plain), strict=True))
    for name, number in numbers.items():
        if told.get(name) is not None and told[name] < number:
            findings.append(Finding(f"/{name}", "too-small", f">= {number}"))
    if findings:
        raise Refused("invalid", tuple(findings))
    await require_referred(desk, in_household(plain), known=known)
    counts = {name: told[name] if told.get(name) is not None else number for name, number in numbers.items()}
    return {"household": await desk.seal(family, plain), **counts}


async def patched_household(
    desk: RequestDesk, sealed: Sealed | None, patch: dict[str, Any]
) -> tuple[dict[str, Any], frozenset[str]]:
    """What the household says with the patch, and the persons that it named without it; the opening is audited."""
    plain = {} if sealed is None else await desk.open(sealed, tuple(sorted(patch)), "correction")
    return dict(apply_patch(plain, patch)), persons_of(in_household(plain))
