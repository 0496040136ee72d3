"""Versions as entity tags: what is changed must be the version that the caller saw (428, 412)."""

import re

from starlette.requests import Request

from shared.kernel.errors import VersionLost
from shared.web.problems import WireRefusal

_TAG = re.compile(r'"(0|[1-9][0-9]{0,8})"')


def etag(version: int) -> str:
    """The entity tag of a version."""
    return f'"{version}"'


def parse_if_match(value: str | None) -> int:
    """The version in an ``If-Match`` header: one strong tag of ours; 428 without it, 400 for anything else."""
    if value is None:
        raise WireRefusal(428, "version-needed")
    found = _TAG.fullmatch(value.strip())
    if found is None:
        raise WireRefusal(400, "if-match-form")
    return int(found.group(1))


def expected_version(request: Request) -> int:
    """The version that the caller saw, for ``work.put(…, expected=…)``."""
    return parse_if_match(request.headers.get("if-match"))


def version_meant(request: Request) -> tuple[str, int] | None:
    """For an act: the id before its verb and the version in ``If-Match``; ``None`` where the caller names none."""
    value = request.headers.get("if-match")
    if value is None:
        return None
    return request.scope["path"].rpartition("/")[2].partition(":")[0], parse_if_match(value)


def check_not_ahead(current: int, expected: int) -> None:
    """Raises ``VersionLost`` (412) where the caller names a version that is not there yet.

    For what is merged before its transaction, which compares for equality: a version that comes to be in between would
    pass there, and its change would be lost. A version that has gone by may be this request's own, repeated; so that
    is for the transaction to say, behind the repeat's record.
    """
    if current < expected:
        raise VersionLost("version-lost", params={"version": current})
