"""What was counted before a change stays with the fact, so that its last record says what was known on any day."""

from dataclasses import replace
from typing import Any, Final, Protocol, TypeVar

from shared.kernel.errors import Conflict

MOST_VERSIONS: Final = 50
Versions = tuple[dict[str, Any], ...]


class Fact(Protocol):
    """A counted fact: a frozen dataclass that says since when it is known so, and what was known before."""

    @property
    def recorded_at(self) -> str: ...

    @property
    def versions(self) -> Versions: ...


F = TypeVar("F", bound=Fact)


def superseding(before: F, after: F, counted: tuple[str, ...], now: str, reason: str) -> F:
    """``after``, recorded now, with the counted fields of ``before`` as its last earlier version.

    Where nothing that is counted has changed it is ``after`` as it is. Raises ``Conflict("too-many-versions")``.
    """
    former = {name: _plain(getattr(before, name)) for name in counted}
    if former == {name: _plain(getattr(after, name)) for name in counted}:
        return after
    if len(before.versions) >= MOST_VERSIONS:
        raise Conflict("too-many-versions")
    entry = {**former, "recorded_at": before.recorded_at, "reason": reason}
    changed: Any = replace(after, versions=(*before.versions, entry), recorded_at=now)  # type: ignore[type-var]
    return changed  # type: ignore[no-any-return]


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value
