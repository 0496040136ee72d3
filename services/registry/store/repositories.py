"""Registry's collections and the repositories over them."""

from dataclasses import replace
from typing import Any, Final, TypeVar

from services.registry import publishing
from services.registry.domain.consents import Consent, allows_special
from services.registry.domain.engagements import Engagement
from services.registry.domain.outcomes import Attendance, Cohort, Outcome
from services.registry.domain.participations import Participation
from services.registry.domain.people import Family, Person
from services.registry.domain.places import City, Organisation, Place, Programme, Site
from services.registry.domain.proofs import Proof
from services.registry.domain.revocations import Revocation
from shared.contracts.base import Contract
from shared.contracts.registry import AttendanceCounted, EngagementCounted, OutcomeCounted, ParticipationCounted
from shared.kernel.dates import Dated, value_on
from shared.kernel.errors import Conflict, Finding, Refused
from shared.storage.repository import Repository
from shared.storage.store import Index, Layout
from shared.storage.work import Reader, Work

MOST_VERSIONS: Final = 50
F = TypeVar("F", Engagement, Participation, Attendance, Outcome)


def _first_of(subject: str) -> Index:
    """Of two registrations at once only one is the first of its subject in the programme."""
    return Index((subject, "programme"), unique=True, only={"first": True, subject: {"$type": "string"}})


LAYOUT = Layout(
    {
        "city": (),
        "organisations": (),
        "sites": (),
        "programmes": (),
        "people": (Index(("tokens", "_id")), Index(("tokens_form",))),
        "families": (Index(("persons",)),),
        "contacts": (Index(("named",)),),
        "engagements": (
            Index(("person", "programme", "date")),
            Index(("programme",)),
            Index(("cohort",)),
            _first_of("person"),
        ),
        "participations": (
            Index(("family", "programme", "date")),
            Index(("person", "programme", "date")),
            Index(("programme",)),
            _first_of("family"),
            _first_of("person"),
        ),
        "proofs": (Index(("person",)),),
        "consents": (Index(("subject",)), Index(("expires_on",))),
        "cohorts": (Index(("waiting",)),),
        "attendances": (
            Index(("cohort",)),
            Index(("engagement", "module", "date"), unique=True),
        ),
        "outcomes": (Index(("programme",)),),
        "certificates": (Index(("number",), unique=True), Index(("engagement",))),
        "meeting_series": (Index(("programme",)),),
        "meetings": (Index(("series", "date"), unique=True),),
        "revocations": (),
        "erasures": (Index(("subject",)), Index(("also",)), Index(("keys_gone_at",))),
        "known_cities": (),
        "known_periods": (),
        "known_tandems": (Index(("engagement",)),),
        "known_visits_confirmations": (),
        "known_matching_confirmations": (),
        "known_reporting_confirmations": (),
    }
)

CITIES = Repository(City, "city", "city", publishing.city)
ORGANISATIONS = Repository(Organisation, "organisations", "organisation", publishing.organisation)
SITES = Repository(Site, "sites", "site", publishing.site)
PROGRAMMES = Repository(Programme, "programmes", "programme")
PEOPLE = Repository(Person, "people", "person", publishing.person)
FAMILIES = Repository(Family, "families", "family", publishing.family)
ENGAGEMENTS = Repository(Engagement, "engagements", "engagement")
PARTICIPATIONS = Repository(Participation, "participations", "participation")
PROOFS = Repository(Proof, "proofs", "proof")
CONSENTS = Repository(Consent, "consents", "consent", publishing.consent)
COHORTS = Repository(Cohort, "cohorts", "cohort")
ATTENDANCES = Repository(Attendance, "attendances", "attendance", publishing.attendance)
OUTCOMES = Repository(Outcome, "outcomes", "outcome", publishing.outcome)


REVOCATIONS = Repository(Revocation, "revocations", "revocation", publishing.revocation)


async def place_on(reader: Reader, sites: tuple[Dated[str], ...], day: str) -> Place:
    """The site that holds on a day, its carrier on that day, its district. Raises ``Refused`` for an unknown site."""
    slug = value_on(sites, day)
    if slug is None:
        return Place()
    site = await SITES.find_one(reader, {"_id": slug})
    if site is None:
        raise Refused("invalid", (Finding("/site", "not-one-of", "a site of this city"),))
    return Place(slug, site.carrier_on(day), site.district)


async def save_programme(work: Work, programme: Programme, fact: str) -> Programme:
    """Saves and tells a programme as it stands today."""
    saved = await PROGRAMMES.save(work, programme.on(work.today), fact)
    work.tell(publishing.programme_on(saved, work.today), sequence=saved.version, fact=fact)
    return saved


async def hold_consents(work: Work, *subjects: str | None) -> None:
    """Until this transaction ends no other one changes the consents of these subjects, or tells what rests on them."""
    await work.hold(*(f"consents/{subject}" for subject in subjects if subject is not None))


async def tells_special(work: Work, *subjects: str | None) -> bool:
    """Whether the subjects' consents allow special topics to be told today."""
    named = [subject for subject in subjects if subject is not None]
    return allows_special(await CONSENTS.find(work, {"subject": {"$in": named}}), work.today)


async def decide_special(work: Work, *subjects: str | None) -> bool:
    """As ``tells_special``, for what is told in this transaction: no other one changes the consents beside it."""
    await hold_consents(work, *subjects)
    return await tells_special(work, *subjects)


async def save_engagement(work: Work, engagement: Engagement, fact: str) -> Engagement:
    """Saves and tells an engagement; where anything counted changes, what was known before becomes a version."""
    if engagement.special:
        allowed = await decide_special(work, engagement.id, engagement.person)
        engagement = replace(engagement, tells_special=allowed)
    programme = await PROGRAMMES.get(work, engagement.programme)
    engagement = engagement.following(programme, work.today)
    if engagement.version:
        before = publishing.engagement(await ENGAGEMENTS.get(work, engagement.id), programme, work.today)
        after = publishing.engagement(engagement, programme, work.today)
        engagement = _superseding(engagement, before, after, EngagementCounted, now=work.now, reason=fact)
    return await _tell_engagement(work, engagement, fact, erases=False)


async def forget_in_engagement(work: Work, engagement: Engagement, fact: str) -> Engagement:
    """Saves and tells an engagement; what was known and told of it before is to be forgotten everywhere."""
    return await _tell_engagement(work, engagement, fact, erases=True)


async def save_participation(
    work: Work, participation: Participation, fact: str, reason: str | None = None
) -> Participation:
    """Saves and tells a participation; where anything counted changes, what was known before becomes a version.

    Why is said by ``reason``, else by the fact.
    """
    if participation.special:
        allowed = await decide_special(work, participation.id, participation.family, participation.person)
        participation = replace(participation, tells_special=allowed)
    if participation.version:
        before = publishing.participation(await PARTICIPATIONS.get(work, participation.id))
        after = publishing.participation(participation)
        why = reason or fact
        participation = _superseding(participation, before, after, ParticipationCounted, now=work.now, reason=why)
    return await _tell_participation(work, participation, fact, erases=False)


async def forget_in_participation(work: Work, participation: Participation, fact: str) -> Participation:
    """Saves and tells a participation; what was known and told of it before is to be forgotten everywhere."""
    return await _tell_participation(work, participation, fact, erases=True)


async def save_cohort(work: Work, cohort: Cohort, fact: str) -> Cohort:
    """Saves and tells a cohort with its programme's modules."""
    saved = await COHORTS.save(work, cohort, fact)
    programme = await PROGRAMMES.get(work, saved.programme)
    work.tell(publishing.cohort(saved, programme), sequence=saved.version, fact=fact)
    return saved


async def save_attendance(work: Work, attendance: Attendance, fact: str, reason: str = "correction") -> Attendance:
    """Saves and tells an attendance; where anything counted changes, what was known before becomes a version."""
    if attendance.version:
        before = publishing.attendance(await ATTENDANCES.get(work, attendance.id))
        after = publishing.attendance(attendance)
        attendance = _superseding(attendance, before, after, AttendanceCounted, now=work.now, reason=reason)
    return await ATTENDANCES.save(work, attendance, fact)


async def save_outcome(work: Work, outcome: Outcome, fact: str, reason: str = "correction") -> Outcome:
    """Saves and tells an outcome; where anything counted changes, what was known before becomes a version."""
    if outcome.version:
        before, after = publishing.outcome(await OUTCOMES.get(work, outcome.id)), publishing.outcome(outcome)
        outcome = _superseding(outcome, before, after, OutcomeCounted, now=work.now, reason=reason)
    return await OUTCOMES.save(work, outcome, fact)


async def require_known(work: Work, collection: str, key: str | None, pointer: str) -> None:
    """Raises ``Refused`` where what is referred to is not there."""
    if key is None or await work.one(collection, {"_id": key}) is None:
        raise Refused("invalid", (Finding(pointer, "not-found", "something of this city"),))


def _superseding(aggregate: F, before: Any, after: Contract, counted: type[Contract], *, now: str, reason: str) -> F:
    """The aggregate, recorded now, with what was counted of it before as its last earlier version."""
    old = publishing.superseded(before, after, counted)
    if old is None:
        return aggregate
    if len(aggregate.versions) >= MOST_VERSIONS:
        raise Conflict("too-many-versions")
    entry: dict[str, Any] = {**old, "recorded_at": before.recorded_at, "reason": reason.replace("-", "_")}
    return replace(aggregate, versions=(*aggregate.versions, entry), recorded_at=now)


async def _tell_engagement(work: Work, engagement: Engagement, fact: str, *, erases: bool) -> Engagement:
    saved = await ENGAGEMENTS.save(work, engagement, fact)
    programme = await PROGRAMMES.get(work, saved.programme)
    state = publishing.engagement(saved, programme, work.today)
    work.tell(state, sequence=saved.version, fact=fact, erases=erases)
    return saved


async def _tell_participation(work: Work, participation: Participation, fact: str, *, erases: bool) -> Participation:
    saved = await PARTICIPATIONS.save(work, participation, fact)
    work.tell(publishing.participation(saved), sequence=saved.version, fact=fact, erases=erases)
    return saved
