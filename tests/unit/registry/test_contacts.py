"""Contact data: numbers as E.164 has them, what must be said, and who may know an address."""

import pytest

from services.registry.domain.contacts import (
    Contact,
    Histories,
    contact_findings,
    histories_from,
    telephone,
    with_histories,
)
from shared.kernel.dates import Dated
from shared.kernel.errors import Forbidden
from shared.kernel.sealed import Sealed


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("030 23125042", "+493023125042"),
        ("030/231 25-042", "+493023125042"),
        ("(030) 231.25042", "+493023125042"),
        ("+49 (0)30 23125042", "+493023125042"),
        ("+49 030 23125042", "+493023125042"),
        ("0049 30 23125042", "+493023125042"),
        ("+380 44 000 00 00", "+380440000000"),
        ("  0152 28817386 ", "+4915228817386"),
    ],
)
def test_telephone_is_kept_as_e164_has_it(written: str, number: str) -> None:
    assert telephone(written) == number
    assert telephone(number) == number


@pytest.mark.parametrize(
    "written",
    [
        "",
        "12345",
        "0381",
        "+0 381 1234567",
        "030 2312x",
        "+49 30 23125042 1234567",
        "Klingel 3",
        "++49 30 231",
        "٠٣٠ ٢٣١٢٥",
    ],
)
def test_what_is_no_telephone_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match="country"):
        telephone(written)


def test_a_flat_says_where_it_is_and_a_channel_how_it_is_reached() -> None:
    flats = [{"shelter": "Haus am Wall", "room": "12"}, {"door": "am Kiosk vorbei"}, {"number": "3"}, {"town": "Ort"}]
    channels = [
        {"kind": "telephone", "number": "+493023125042", "whom": "die Nachbarin"},
        {"kind": "signal", "handle": "x"},
        {"kind": "telegram", "handle": "x", "number": "+493023125042"},
        {"kind": "email", "handle": "x", "whom": "y", "person": "per_1"},
        {"kind": "whatsapp", "number": "+493023125042", "handle": "x"},
        {"kind": "other"},
    ]
    found = [(finding.pointer, finding.code) for finding in contact_findings(flats, channels)]
    assert found == [
        ("/flats/2/street", "missing"),
        ("/flats/2/street", "missing"),
        ("/flats/3/street", "missing"),
        ("/channels/1/number", "missing"),
        ("/channels/2/handle", "one-of-two"),
        ("/channels/3/whom", "one-of-two"),
        ("/channels/4/handle", "too-much"),
        ("/channels/5/handle", "one-of-two"),
    ]


def test_protected_address_is_known_to_those_named_only() -> None:
    contact = Contact("fam_1", where=Sealed("fam_1", b"a"))
    assert contact.known_to({"anybody"})
    protected = contact.protected_for({"usr-1", "per_2"}, Sealed("fam_1", b"b"))
    assert (protected.protected, protected.named) == (True, ("per_2", "usr-1"))
    assert protected.known_to({"usr-9", "per_2"})
    assert not protected.known_to({"usr-9"})
    with pytest.raises(Forbidden, match="address-protected"):
        protected.require_known_to({"usr-9"})
    # Where the last one named is gone nobody may know, which is not the same as everybody.
    nobody = protected.without_name("per_2").without_name("usr-1")
    assert nobody.protected
    assert not nobody.known_to({"per_2", "usr-1"})


def test_districts_are_sealed_beside_the_flats_and_come_back_as_they_were() -> None:
    histories: Histories = {"fam_1": (Dated("2024-01-01", "nordufer"), Dated("2025-11-20", "suedufer"))}
    plain = with_histories({"flats": []}, histories)
    assert histories_from(plain) == histories
    assert with_histories(plain, {}) == {"flats": []}
    assert histories_from({"flats": []}) == {}
