"""What every contract is made of: tolerant for consumers, proven by the producer, no floats, no identity."""

import re
from datetime import datetime
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from shared.kernel.classified import classified
from shared.kernel.clock import read_instant, write_instant
from shared.kernel.dates import DAY_PATTERN, EDTF_PATTERN, check_day, check_edtf
from shared.kernel.ids import CODE_PATTERN, ID_PATTERN, SLUG_PATTERN
from shared.kernel.languages import LEVELS, TAG_PATTERN, check_language

LARGEST_EVENT = 256 * 1024
_INSTANT = r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$"
_WRITTEN = re.compile(_INSTANT, re.ASCII)
_LANGUAGE = "^de-simple$|^(?!ku$)" + TAG_PATTERN.removeprefix("^")


def _check_instant(text: str) -> str:
    if _WRITTEN.fullmatch(text):
        # As we write it ourselves, and so most of what is read: only that there is such a moment is left to be seen.
        datetime.fromisoformat(text)
        return text
    return write_instant(read_instant(text))


def _check_level(text: str) -> str:
    if text not in LEVELS:
        raise ValueError("one of " + ", ".join(LEVELS))
    return text


def _form(**keywords: Any) -> Any:
    """What a JSON schema says of a form that a function checks."""
    return Field(json_schema_extra=keywords)


Id = Annotated[str, StringConstraints(pattern=ID_PATTERN)]
Slug = Annotated[str, StringConstraints(pattern=SLUG_PATTERN)]
Code = Annotated[str, StringConstraints(pattern=CODE_PATTERN)]
Day = Annotated[str, AfterValidator(check_day), _form(format="date", pattern=DAY_PATTERN)]
ReferenceDate = Annotated[str, AfterValidator(check_edtf), _form(pattern=EDTF_PATTERN)]
Instant = Annotated[
    str,
    AfterValidator(_check_instant),
    _form(format="date-time", pattern=_INSTANT),
]
Language = Annotated[str, AfterValidator(check_language), _form(pattern=f"^de-simple$|(?!^ku$){TAG_PATTERN}")]
Level = Annotated[str, AfterValidator(_check_level), _form(enum=list(LEVELS))]
Slot = Annotated[str, StringConstraints(pattern=r"^(mon|tue|wed|thu|fri|sat|sun)-(am|noon|pm|eve)$")]
Token = Annotated[str, StringConstraints(pattern=r"^[0-9a-hjkmnp-tv-z]{16}$")]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Name = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Count = Annotated[int, Field(ge=0, le=1_000_000)]
Minutes = Annotated[int, Field(ge=0, le=24 * 60)]


class Contract(BaseModel):
    """The shareable state of one aggregate. Consumers ignore unknown fields; producers emit through ``emit``."""

    # Built on first use: a service knows some thirty contracts and reads a few of them.
    model_config = ConfigDict(
        extra="ignore", frozen=True, populate_by_name=True, serialize_by_alias=True, defer_build=True
    )


@classified(internal="since value")
class Since(Contract):
    """One entry of a dated list: the value that holds from a day on."""

    since: Day = Field(alias="from")
    value: Slug


@classified(internal="recorded_at")
class SinceRecorded(Since):
    """An entry as it was recorded; without the instant it is known ever since."""

    recorded_at: Instant | None = None


@classified(internal="date programme site carrier district status")
class Counted(Contract):
    """The dimensions of a counted fact, as of its own date; what a report counts by."""

    date: Day
    programme: Slug
    site: Slug | None = None
    carrier: Slug | None = None
    district: Slug | None = None
    status: Code = "valid"


@classified(internal="recorded_at reason")
class Revision(Contract):
    """What every earlier version of a counted fact says about itself."""

    recorded_at: Instant
    reason: Code = "correction"


def emit(contract: Contract) -> dict[str, Any]:
    """The contract as JSON-ready data. Raises ``ValueError`` where it does not read back as the same contract."""
    data = contract.model_dump(mode="json")
    if type(contract).model_validate(data) != contract:
        raise ValueError(f"{type(contract).__name__} does not read back as it was written")
    return data
