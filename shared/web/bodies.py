"""Shapes of requests and answers: nothing unknown, nothing guessed, and the types that all bodies share.

Bodies are strict: ``"5"`` is no number and ``1`` no truth. Lists are ``list[…]``, choices are ``Literal[…]``.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Generic, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, GetCoreSchemaHandler, StringConstraints
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from shared.kernel.clock import read_instant, write_instant
from shared.kernel.dates import check_day, check_edtf
from shared.kernel.ids import CODE_PATTERN, ID_PATTERN, SLUG_PATTERN
from shared.kernel.languages import LEVELS, check_language
from shared.web.findings import OWN

T = TypeVar("T")
EARLIEST, LATEST = "1900-01-01", "2100-12-31"
"""Days of people's lives and work; what lies outside is a slip of the pen, and would stand in every report."""
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_CONTROL_BUT_LINES = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_TAIL = ID_PATTERN.removeprefix("^[a-z]{3}_")


class Body(BaseModel):
    """A request's body, or a part of one. Unknown fields are refused, so nobody sets what is not offered."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class View(BaseModel):
    """An answer's resource: what it is, its version (also the ETag), and what this token may do with it now."""

    model_config = ConfigDict(frozen=True)

    id: str
    version: int
    actions: list[str] = Field(default_factory=list, examples=[["pause", "end"]])


class Page(BaseModel, Generic[T]):
    """One page of a list; ``next`` is the cursor of the following one, or null."""

    items: list[T]
    next: str | None = None


def wrong(code: str, expected: str = "") -> PydanticCustomError:
    """To raise in a body's validator: a code and what would be right, never the value."""
    return PydanticCustomError(f"{OWN}{code}", "{expected}", {"expected": expected})  # type: ignore[misc,unused-ignore]


def _checked(check: Callable[[str], str], expected: str) -> AfterValidator:
    def run(text: str) -> str:
        try:
            return check(text)
        except ValueError as error:  # its message may quote the value
            raise wrong("wrong-form", expected) from error

    return AfterValidator(run)


def _day(text: str) -> str:
    if not EARLIEST <= text <= LATEST:
        raise ValueError(f"{EARLIEST} … {LATEST}")
    return check_day(text)


def _month(text: str) -> str:
    return _day(f"{text}-01")[:7]


def _instant(text: str) -> str:
    return write_instant(read_instant(text))


def id_of(prefix: str) -> StringConstraints:
    """For ``TandemId = Annotated[str, id_of("tan")]``. In a path a malformed one is 404, in a body 422."""
    return StringConstraints(pattern=f"^{prefix}_{_TAIL}")


@dataclass(frozen=True, slots=True)
class Text:
    """For ``Annotated[str, Text(500)]``: 1 to that many characters after trimming, no control characters."""

    longest: int
    lines: bool = False

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        plain = core_schema.str_schema(strip_whitespace=True, min_length=1, max_length=self.longest, strict=True)
        return core_schema.no_info_after_validator_function(self._check, plain)

    def _check(self, text: str) -> str:
        if (_CONTROL_BUT_LINES if self.lines else _CONTROL).search(text):
            raise wrong("control-character", "no control characters")
        return text


AnyId = Annotated[str, StringConstraints(pattern=ID_PATTERN)]
PersonId = Annotated[str, id_of("per")]
FamilyId = Annotated[str, id_of("fam")]
EngagementId = Annotated[str, id_of("eng")]
ParticipationId = Annotated[str, id_of("ptc")]
TandemId = Annotated[str, id_of("tan")]
Slug = Annotated[str, StringConstraints(pattern=SLUG_PATTERN)]
Code = Annotated[str, StringConstraints(pattern=CODE_PATTERN)]
Day = Annotated[str, _checked(_day, f"YYYY-MM-DD, {EARLIEST} … {LATEST}"), Field(json_schema_extra={"format": "date"})]
Month = Annotated[str, _checked(_month, "YYYY-MM"), Field(examples=["2026-05"])]
ReferenceDate = Annotated[str, _checked(check_edtf, "YYYY, YYYY-21 … YYYY-24, YYYY-MM or YYYY-MM-DD, perhaps with ?")]
Instant = Annotated[
    str, _checked(_instant, "YYYY-MM-DDThh:mm:ss.sssZ"), Field(json_schema_extra={"format": "date-time"})
]
LanguageTag = Annotated[str, _checked(check_language, "BCP 47, such as ar, uk, fa-AF, ckb, kmr, de-simple")]
Level = Annotated[str, StringConstraints(pattern=f"^({'|'.join(LEVELS)})$")]
Name = Annotated[str, Text(200)]
Note = Annotated[str, Text(4_000, lines=True)]
Count = Annotated[int, Field(ge=0, le=1_000_000)]
Minutes = Annotated[int, Field(ge=0, le=24 * 60)]


def changes(body: Body) -> dict[str, Any]:
    """What a merge patch says: the fields that were sent; ``None`` means: remove."""
    return body.model_dump(exclude_unset=True)


def apply_patch(target: Any, patch: Any) -> Any:
    """RFC 7386: ``None`` removes, objects are merged, anything else replaces. Neither argument is changed."""
    if not isinstance(patch, Mapping):
        return patch
    result = dict(target) if isinstance(target, Mapping) else {}
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
        else:
            result[name] = apply_patch(result.get(name), value)
    return result
