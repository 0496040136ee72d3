"""Certificates: their numbers, what they state, whom they are given to."""

from dataclasses import fields, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.registry.domain.certificates import (
    Certificate,
    StatedModule,
    Statement,
    certificate_number,
    read_number,
    require_certified,
)
from services.registry.domain.engagements import Engagement
from services.registry.domain.modules import Module
from services.registry.domain.places import Programme
from shared.kernel.errors import Conflict, Refused

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
DRAWN = st.text(ALPHABET, min_size=10, max_size=10)
CITIES = st.sampled_from(("rostock", "frankfurt-oder", "ulm-2"))
KEY = b"k" * 32
STATEMENT = Statement(
    number="ROSTOCK-7K3M9-QXRC2G",
    name="Amal Beispiel",
    own_script="أمل",
    programme="Stadtteilmütter",
    begin="2025-10-08",
    end="2026-03-12",
    modules=(StatedModule("Gesundheit", 180),),
    certified_on="2026-03-15",
    issued_on="2026-03-20",
    city="Rostock",
    site="Haus am Hafen",
    carrier="Hafenverein e. V.",
    also_in="ar",
    funders=("Stiftung Beispiel", "Europäischer Sozialfonds für Deutschland"),
)
CERTIFICATE = Certificate("crt_1", "ROSTOCK-7K3M9-QXRC2G", "eng_1", "p", "2026-03-20", "2026-03-15", "ar", "proof")


@given(CITIES, DRAWN)
def test_number_is_read_back_however_it_is_typed(city: str, drawn: str) -> None:
    number = certificate_number(city, drawn)
    head, first, second = number.rsplit("-", 2)
    confused = f"{head}-" + f"{first}-{second}".replace("0", "O").replace("1", "I")
    for text in (number, number.lower(), f" {head} - {first} - {second} ", f"{head}-{first}{second}", confused):
        assert read_number(text) == number


@given(CITIES, DRAWN, st.integers(0, 10), st.sampled_from(ALPHABET))
def test_one_wrong_character_is_a_slip_and_no_number(city: str, drawn: str, place: int, wrong: str) -> None:
    number = certificate_number(city, drawn)
    position = len(city) + 1 + place + (1 if place > 4 else 0)
    slip = number[:position] + wrong.upper() + number[position + 1 :]
    assert (read_number(slip) is None) == (slip != number)


@pytest.mark.parametrize("text", ["", "ROSTOCK", "7K3M9-QXRC2G", "ROSTOCK-7K3M9", "ROSTOCK-7K3M9-QXRC2U", "<>" * 40])
def test_what_cannot_be_a_number_is_none(text: str) -> None:
    assert read_number(text) is None


def test_proof_changes_with_everything_that_is_stated_and_with_the_key() -> None:
    changes: dict[str, Any] = {
        field.name: (StatedModule("Gesundheit", 181),) if field.name == "modules" else "other"
        for field in fields(STATEMENT)
    }
    proofs = {replace(STATEMENT, **{name: value}).proof(KEY) for name, value in changes.items()}
    assert len(proofs | {STATEMENT.proof(KEY), STATEMENT.proof(b"j" * 32)}) == len(changes) + 2
    assert replace(STATEMENT).proof(KEY) == STATEMENT.proof(KEY)


def test_document_is_refused_where_it_would_state_something_else() -> None:
    CERTIFICATE.require_stated("proof")
    with pytest.raises(Conflict, match="certificate-outdated"):
        CERTIFICATE.require_stated("other")


def test_withdrawn_certificate_holds_no_longer_and_cannot_be_withdrawn_again() -> None:
    withdrawn = CERTIFICATE.withdrawn("2026-04-01", "entered_wrongly")
    assert (CERTIFICATE.state, withdrawn.state, withdrawn.withdrawn_on) == ("valid", "withdrawn", "2026-04-01")
    for act in (withdrawn.require_valid, lambda: withdrawn.withdrawn("2026-04-02", "again")):
        with pytest.raises(Conflict, match="certificate-withdrawn"):
            act()


def test_only_who_is_certified_and_still_has_every_module_is_given_one() -> None:
    programme = Programme("p", "P", modules=(Module("health", "Gesundheit"), Module("rest", "Ruhe", required=False)))
    trainee = Engagement("eng_1", "per_1", "p", "mother", "2025-10-01", first=True, passed=("health",))
    with pytest.raises(Refused, match="not-certified"):
        require_certified(trainee, programme)
    certified = trainee.certified("2026-03-15", programme)
    assert require_certified(certified, programme) == "2026-03-15"
    with pytest.raises(Refused, match="qualification") as refusal:
        require_certified(replace(certified, passed=("rest",)), programme)
    assert refusal.value.params == {"missing": ["health"]}
    with pytest.raises(Conflict, match="erased"):
        require_certified(replace(certified, person=None), programme)
