"""Refusals of the business: each has a stable code, and none of them is a crash.

``shared/web/problems.py`` says which HTTP status a class has; consumers know only ``Retry`` and ``Poison``.
"""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong with an input: where (a JSON pointer), a code, and what would be right."""

    pointer: str
    code: str
    expected: str = ""


@dataclass
class DomainError(Exception):
    """A refusal with a code (lower case, hyphens), the places concerned and typed parameters; never a person's data."""

    code: str
    findings: tuple[Finding, ...] = ()
    params: dict[str, str | int | bool | list[str]] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.code


class Refused(DomainError):
    """Well-formed, but against a rule (422)."""


class NotFound(DomainError):
    """Not there, or not for this caller (404)."""


class Forbidden(DomainError):
    """The caller's grants do not allow it (403)."""


class Conflict(DomainError):
    """Against the present state: a place taken, an id in use (409)."""


class VersionLost(DomainError):
    """Somebody else changed it meanwhile (412); ``params["version"]`` is the current version where known."""


class NotYetKnown(DomainError):
    """A well-formed id of another service that has not arrived yet (409 ``not-yet-known``, try again in a second)."""


class Unavailable(DomainError):
    """Something that the answer depends on is away or too old (503, try again later)."""


class SealBroken(DomainError):
    """A sealed value cannot be opened: its key is destroyed, or it was moved or changed."""


class Retry(Exception):  # a word of the consumer's protocol
    """A handler's word for: not now, the same batch again later."""


class Poison(Exception):
    """A handler's word for: this record can never be handled; the argument is the reason's code."""
