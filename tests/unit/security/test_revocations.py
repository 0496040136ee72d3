"""Revocations: each was made in a city, and reaches only tokens that count there."""

from collections.abc import Callable

import pytest

from shared.security.principals import Grant, Principal
from shared.security.revocations import RevokedSet

ISSUED = 1_700_000_000
REVOKE = pytest.mark.parametrize(
    "revoke",
    [
        lambda known: known.revoke_token("wismar", "jti-1", 2**40),
        lambda known: known.revoke_subject("wismar", "sub-1", ISSUED),
    ],
    ids=["token", "subject"],
)


def bearer(*grants: Grant) -> Principal:
    return Principal("sub-1", grants, token_id="jti-1", issued=ISSUED)


@REVOKE
def test_city_does_not_lock_out_another_citys_people(revoke: Callable[[RevokedSet], None]) -> None:
    """A token's subject is known to more people than may revoke it."""
    revoked = RevokedSet()
    revoke(revoked)
    assert not revoked.is_revoked(bearer(Grant("coordinator", "rostock")))
    assert revoked.is_revoked(bearer(Grant("coordinator", "rostock"), Grant("auditor", "wismar")))


@REVOKE
def test_token_that_counts_in_every_city_is_revoked_in_any(revoke: Callable[[RevokedSet], None]) -> None:
    revoked = RevokedSet()
    revoke(revoked)
    assert revoked.is_revoked(bearer(Grant("association")))


def test_subjects_later_tokens_count_again() -> None:
    revoked = RevokedSet()
    revoked.revoke_subject("wismar", "sub-1", ISSUED - 1)
    assert not revoked.is_revoked(bearer(Grant("auditor", "wismar")))


def test_revoked_token_is_forgotten_when_it_has_expired_in_each_city_by_itself() -> None:
    revoked = RevokedSet()
    revoked.revoke_token("rostock", "jti-1", ISSUED)
    revoked.revoke_token("wismar", "jti-1", ISSUED + 2)
    revoked.sweep(ISSUED)
    assert not revoked.is_revoked(bearer(Grant("coordinator", "rostock")))
    assert revoked.is_revoked(bearer(Grant("auditor", "wismar")))
