"""Registry's collections and the repositories over them."""

from services.registry import publishing
from services.registry.domain.engagements import Engagement
from services.registry.domain.outcomes import Attendance, Cohort, Outcome
from services.registry.domain.participations import Consent, Participation
from services.registry.domain.people import Family, Person
from services.registry.domain.places import City, Organisation, Programme, Site
from shared.kernel.dates import Dated, value_on
from shared.storage.repository import Repository
from shared.storage.store import Index, Layout
from shared.storage.work import Reader, Work

LAYOUT = Layout(
    {
        "city": (),
        "organisations": (),
        "sites": (),
        "programmes": (),
        "people": (),
        "families": (Index(("persons",)),),
        "engagements": (Index(("person", "programme")), Index(("programme",)), Index(("cohort",))),
        "participations": (Index(("family", "programme")), Index(("person", "programme")), Index(("programme",))),
        "consents": (Index(("subject",)),),
        "cohorts": (),
        "attendances": (Index(("engagement", "module")),),
        "outcomes": (),
        "erasures": (),
        "known_tandems": (),
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
CONSENTS = Repository(Consent, "consents", "consent", publishing.consent)
COHORTS = Repository(Cohort, "cohorts", "cohort")
ATTENDANCES = Repository(Attendance, "attendances", "attendance", publishing.attendance)
OUTCOMES = Repository(Outcome, "outcomes", "outcome", publishing.outcome)


async def carrier_on(reader: Reader, sites: tuple[Dated[str], ...], day: str) -> str | None:
    """The carrier on a day of the site that holds on that day."""
    slug = value_on(sites, day)
    if slug is None:
        return None
    site = await SITES.find_one(reader, {"_id": slug})
    return value_on(site.carriers, day) if site else None


async def save_programme(work: Work, programme: Programme, fact: str) -> Programme:
    """Saves and tells a programme as it stands today."""
    saved = await PROGRAMMES.save(work, programme, fact)
    work.tell(publishing.programme_on(saved, work.today), sequence=saved.version, fact=fact)
    return saved


async def save_engagement(work: Work, engagement: Engagement, fact: str) -> Engagement:
    """Saves and tells an engagement, with what its programme makes of it."""
    saved = await ENGAGEMENTS.save(work, engagement, fact)
    programme = await PROGRAMMES.get(work, saved.programme)
    carrier = await carrier_on(work, saved.sites, saved.date)
    work.tell(publishing.engagement(saved, programme, carrier), sequence=saved.version, fact=fact)
    return saved


async def save_participation(work: Work, participation: Participation, fact: str) -> Participation:
    """Saves and tells a participation."""
    saved = await PARTICIPATIONS.save(work, participation, fact)
    carrier = await carrier_on(work, saved.sites, saved.date)
    work.tell(publishing.participation(saved, carrier), sequence=saved.version, fact=fact)
    return saved


async def save_cohort(work: Work, cohort: Cohort, fact: str) -> Cohort:
    """Saves and tells a cohort with its programme's modules."""
    saved = await COHORTS.save(work, cohort, fact)
    programme = await PROGRAMMES.get(work, saved.programme)
    work.tell(publishing.cohort(saved, programme), sequence=saved.version, fact=fact)
    return saved
