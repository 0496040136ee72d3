"""What each service publishes of its aggregates fits the schema of the topic, and holds nothing that is sealed."""

import json
from dataclasses import replace
from typing import Any

import jsonschema
import pytest

from services.matching import publishing as matching
from services.matching.domain.proposals import Proposal
from services.matching.domain.tandems import Counted, Tandem, Version
from services.matching.domain.waiting import Waiter
from services.registry import publishing as registry
from services.registry.domain.consents import Consent
from services.registry.domain.engagements import Clearance, Engagement
from services.registry.domain.erasures import Erasure, without_family, without_person
from services.registry.domain.modules import Module
from services.registry.domain.outcomes import Attendance, Cohort, Outcome
from services.registry.domain.participations import Participation
from services.registry.domain.people import Family, Person
from services.registry.domain.places import City, District, Organisation, Place, Programme, Site, SocialSpace
from services.registry.domain.revocations import Revocation
from services.registry.domain.roles import RoleHeld
from services.registry.domain.terms import Target, Terms
from services.registry.store.erasures import ERASURES
from services.reporting import publishing as reporting
from services.reporting.domain.closed_periods import ClosedPeriod
from services.reporting.domain.programme_report import Header
from services.reporting.domain.sealed_reports import SealedReport
from services.visits import publishing as visits
from services.visits.domain.activities import Activity
from services.visits.domain.requests import Request
from services.visits.domain.visits import Visit
from shared.contracts.base import Contract, emit
from shared.contracts.catalog import BY_CONTRACT, TOPICS
from shared.contracts.documents import schema_of
from shared.contracts.registry import ErasureV1
from shared.kernel.dates import Dated
from shared.kernel.recorded import Recorded
from shared.kernel.sealed import Sealed

NOW, DAY = "2025-06-17T10:00:00.000Z", "2025-06-17"
SECRET = "Geheimnis"
TOKEN = "0123456789abcdef"
SEALED = Sealed("per_0", SECRET.encode())
PLACE = Place("laden", "verein", "nord")
WHERE: dict[str, Any] = {"site": "laden", "carrier": "verein", "district": "nord"}
HERE = (Dated("2025-01-01", "laden"),)
CORRECTED = {"recorded_at": NOW, "reason": "correction", "date": DAY, "programme": "tuer", **WHERE}


def key(prefix: str) -> str:
    return f"{prefix}_{'0' * 26}"


PROGRAMME = Programme(
    "tuer", "Tür", "2025-01-01", "2026-01-01", "2025", "Modell", "Rahmen", ("Land",), ("kita",), ("einkauf",),
    ("cafe",), (Module("m1", "Modul", None, True, ("kita",), (TOKEN,)),), "automatic",
    (Target("families", 1, None, DAY, "newcomers"),), ("laden",), special_topics=(TOKEN,), sealed=SEALED,
    kind="district_mothers", aims=(SECRET,), districts=("nord",), roles=(RoleHeld("lead", key("per"), DAY),),
).provided(NOW).agreed(Terms(targets=(Target("families", 2, 9, DAY, "newcomers"),)), DAY, NOW)  # fmt: skip
ENGAGEMENT = Engagement(
    key("eng"), key("per"), "tuer", "mentor", DAY, True, HERE, PLACE, {"ar": "native"}, ("nord",), ("kita",),
    ("mon-am",), 2, "f", "m", key("coh"), ("m1",), DAY, DAY, Clearance(DAY, DAY), None, (key("ptc"),), (TOKEN,), True,
    recorded_at=NOW, versions=({**CORRECTED, "role": "mentor", "languages": ["ar"]},),
)  # fmt: skip
PARTICIPATION = Participation(
    key("ptc"), key("fam"), None, "tuer", DAY, True, HERE, PLACE, (Dated(DAY, "nord"),), {"ar": "A1"}, ("fa-AF",),
    ("kita",), ("schule",), ("mon-am",), "m", "f", True, True, DAY, (key("eng"),), (TOKEN,), True, recorded_at=NOW,
    access_route="school",
    versions=({**CORRECTED, "topics": ["kita"]},),
)  # fmt: skip
COUNTED = Counted(DAY, "tuer", **WHERE)
ATTENDANCE = Attendance(
    key("att"), key("coh"), key("eng"), "tuer", "m1", DAY, "present", 90, "void", PLACE, NOW,
    ({**CORRECTED, "module": "m1", "state": "absent"},), made_up_on=DAY,
)  # fmt: skip
OUTCOME = Outcome(
    key("out"),
    "tuer",
    "job",
    DAY,
    key("eng"),
    key("ptc"),
    status="withdrawn",
    place=PLACE,
    recorded_at=NOW,
    versions=({**CORRECTED, "kind": "training"},),
)
VISIT = Visit(
    key("vis"), key("tan"), key("eng"), key("ptc"), "tuer", DAY, "home_visit", 60, ("kita",), "ar", **WHERE,
    status="void", note=SEALED, recorded_at=NOW,
    versions=({**CORRECTED, "kind": "home_visit", "minutes": 30, "topics": ["kita"]},),
)  # fmt: skip
REQUEST = Request(
    key("req"), "tuer", "einkauf", DAY, "once", **WHERE, participation=key("ptc"), state="fulfilled", by="volunteer",
    engagement=key("eng"), fulfilled_on=DAY, status="void", recorded_at=NOW,
    versions=({**CORRECTED, "service": "einkauf", "how_often": "once", "state": "open"},),
)  # fmt: skip
ACTIVITY = Activity(
    key("act"), "tuer", "cafe", DAY, 20, True, 2, 90, **WHERE, status="void", recorded_at=NOW,
    versions=({**CORRECTED, "kind": "cafe", "participants": 3},),
)  # fmt: skip
TANDEM = Tandem(
    key("tan"), key("eng"), key("ptc"), replace(COUNTED, ended_on=DAY, ended_because="moved"), NOW,
    versions=(Version(NOW, "ended", COUNTED),), side="family", review_on=DAY,
)  # fmt: skip
PROPOSAL = Proposal(key("pro"), key("rnd"), "tuer", DAY, key("eng"), key("ptc"), {"total": 12}, ())
HELPED = replace(PARTICIPATION, family=None, person=key("per"), ended_on=DAY, ended_because="goals_reached")
LEFT = replace(ENGAGEMENT, passed=(), certified_on=None, left_on=DAY)
SPACES = (SocialSpace("ufer", "Ufer", ("nord",), True),)
CITY = City("hafen", "Hafen", "Nirgendland", "none", (District("nord", "Nord", 1, 2, ("sued",), 3),), ("nord",), SPACES)
FAMILY = Family(key("fam"), (key("per"),), 1, 2, (Dated(DAY, "nord"),), {"ar": "native"}, SEALED)
CONSENT = Consent(
    key("con"),
    key("fam"),
    "referral",
    "parent",
    "text_a",
    1,
    "de",
    "signed",
    DAY,
    "verein",
    "first_visit",
    key("per"),
    DAY,
    NOW,
)

HEADER = Header("tuer", "Tür", "Hafen", DAY, "2025-07-01", SECRET)
REPORT = SealedReport(key("rep"), HEADER, NOW, NOW, 3, "9f" * 32, "2026-1", "4b" * 32, {"visits.visits.v1:0": 7})

GAP = {"rule": "language-gap", "mentors": 0, "languages": ["ar"], "district": "nord"}
PUBLISHED = (
    registry.city(CITY),
    registry.city(City("neudorf", "Neudorf", "Nirgendland", "none")),
    registry.site(Site("laden", "Laden", "nord", (Recorded("2025-01-01", "verein", NOW, 1),), "2018-21")),
    registry.organisation(Organisation("verein", "Verein", ("carrier",), ("Treff",), "kdg", "Aufsicht")),
    registry.programme_on(PROGRAMME, DAY),
    registry.programme_on(replace(PROGRAMME, special=True, closed=True), DAY),
    registry.person(Person(key("per"), SEALED, "2025-01")),
    registry.family(FAMILY),
    registry.engagement(ENGAGEMENT, PROGRAMME, DAY),
    registry.engagement(without_person(ENGAGEMENT), PROGRAMME, DAY),
    registry.engagement(LEFT, PROGRAMME, DAY),
    registry.participation(PARTICIPATION),
    registry.participation(without_family(PARTICIPATION)),
    registry.participation(HELPED),
    registry.cohort(Cohort(key("coh"), "tuer", "2025", DAY, 3, places=3, waiting=(key("eng"),)), PROGRAMME),
    registry.attendance(ATTENDANCE),
    registry.outcome(OUTCOME),
    registry.consent(CONSENT),
    registry.revocation(Revocation(key("rev"), "jti-1", "usr-1", NOW)),
    visits.visit(VISIT),
    visits.request(REQUEST),
    visits.activity(ACTIVITY),
    matching.tandem_v1(TANDEM),
    matching.proposal_v1(PROPOSAL),
    matching.proposal_v1(PROPOSAL.told(DAY, "2025-07-01", NOW).rejected("other_needs", None, NOW, "family")),
    reporting.report(REPORT),
    reporting.period(ClosedPeriod(key("prd"), "tuer", DAY, "2025-07-01", NOW)),
    matching.waiting_v1(
        Waiter(key("ptc"), key("rnd"), "tuer", "nord", ("ar",), ("kita",), DAY, (("language", 3),), (GAP,))
    ),
)


@pytest.mark.parametrize("contract", PUBLISHED, ids=lambda contract: type(contract).__name__)
def test_published_state_fits_the_topics_schema_and_says_every_field(contract: Contract) -> None:
    schema, data = schema_of(BY_CONTRACT[type(contract)]), emit(contract)
    jsonschema.Draft202012Validator(schema).validate(data)
    assert set(data) == set(schema["properties"])
    assert SECRET not in json.dumps(data, ensure_ascii=False)
    assert SECRET.encode().hex() not in json.dumps(data)


def test_nothing_that_an_aggregate_knows_is_forgotten_on_the_way() -> None:
    told: dict[tuple[str, str], list[bool]] = {}
    for contract in PUBLISHED:
        schema, data = schema_of(BY_CONTRACT[type(contract)]), emit(contract)
        for field, form in schema["properties"].items():
            if "default" in form:
                told.setdefault((schema["title"], field), []).append(data[field] != form["default"])
    # These facts have no such state: their status is that they are there.
    always = {(name, "status") for name in ("EngagementV1", "ParticipationV1", "TandemV1")}
    assert {place for place, values in told.items() if not any(values)} == always


def test_every_publishing_function_was_tried() -> None:
    # Confirmations and erasures are written where they happen: they have no aggregate of more fields.
    by_hand = {topic.contract for topic in TOPICS if topic.name.endswith("confirmations.v1")} | {ErasureV1}
    assert {topic.contract for topic in TOPICS} - by_hand - {type(c) for c in PUBLISHED} == set()


def test_erasure_is_published_with_its_ids_only() -> None:
    erasure = Erasure(key("era"), key("per"), (key("eng"),), NOW).keys_gone(NOW).confirmed(True, NOW)
    assert ERASURES.contract is not None
    data = emit(ERASURES.contract(erasure))
    jsonschema.Draft202012Validator(schema_of(BY_CONTRACT[ErasureV1])).validate(data)
    assert data["completed_at"] == NOW


def test_what_an_erasure_leaves_of_a_person_is_a_month_and_no_id() -> None:
    left = emit(registry.engagement(without_person(replace(ENGAGEMENT, left_on="2025-09-17")), PROGRAMME, DAY))
    assert (left["person"], left["date"], left["left_on"]) == (None, "2025-06-01", "2025-09-01")
    assert (left["slots"], left["reach"], left["special"], left["gender"]) == ([], [], [], None)
    helped = emit(registry.participation(without_family(PARTICIPATION)))
    assert {one[wish] for one in (left, helped) for wish in ("gender", "gender_wish")} == {None}
    assert (helped["family"], helped["person"], helped["special"], helped["slots"]) == (None, None, [], [])


def test_special_topics_are_told_only_while_consents_stand() -> None:
    told = registry.participation(PARTICIPATION)
    silent = registry.participation(replace(PARTICIPATION, tells_special=False))
    assert (told.special, silent.special) == ((TOKEN,), ())
    assert registry.engagement(ENGAGEMENT, PROGRAMME, DAY).special == (TOKEN,)
    assert registry.engagement(replace(ENGAGEMENT, tells_special=False), PROGRAMME, DAY).special == ()
