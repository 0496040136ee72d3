"""Every topic: its contract, its owner, its key and who listens."""

from dataclasses import dataclass
from typing import Final

from shared.contracts import matching, places, registry, reporting, visits
from shared.contracts.base import Contract

PARTITIONS: Final = 6


@dataclass(frozen=True, slots=True)
class Topic:
    """A compacted topic of whole states. ``key`` is the field that names the aggregate in its contract."""

    name: str
    contract: type[Contract]
    consumers: tuple[str, ...]
    key: str = "id"
    in_memory: bool = False
    """Whether every replica reads it from the start into memory."""

    @property
    def owner(self) -> str:
        """The service that publishes it."""
        return self.name.split(".")[0]

    @property
    def noun(self) -> str:
        """The aggregate's noun, as in the event's subject."""
        stem = self.contract.__name__.removesuffix("V1")
        return "confirmation" if stem.endswith("Confirmation") else stem.lower()

    @property
    def of_cities(self) -> bool:
        """Whether its aggregates are the cities themselves, which stand in no other."""
        return self.contract is places.CityV1

    @property
    def type(self) -> str:
        """The CloudEvents type."""
        return f"de.tueroeffner.{self.owner}.{self.noun}.v1"

    @property
    def schema(self) -> str:
        """The address of the contract's JSON schema."""
        return f"https://tueroeffner.invalid/schemas/{self.owner}.{self.noun}.v1.json"

    def kafka_key(self, city: str, aggregate: str) -> str:
        """The key under which the aggregate's states are compacted: the city's slug stands before all but cities.

        Clients make ids, and each city judges only whether an id is new there. Under the bare id one city's record
        would be compacted away by another's.
        """
        return aggregate if self.of_cities else f"{city}/{aggregate}"


_ALL = ("registry", "visits", "matching", "reporting")

TOPICS: Final[tuple[Topic, ...]] = (
    Topic("registry.cities.v1", places.CityV1, _ALL, key="slug"),
    Topic("registry.programmes.v1", places.ProgrammeV1, ("visits", "matching", "reporting"), "slug"),
    Topic("registry.sites.v1", places.SiteV1, ("visits", "matching", "reporting"), "slug"),
    Topic("registry.organisations.v1", places.OrganisationV1, ("reporting",), "slug"),
    Topic("registry.persons.v1", registry.PersonV1, ()),
    Topic("registry.families.v1", registry.FamilyV1, ("matching",)),
    Topic("registry.engagements.v1", registry.EngagementV1, ("visits", "matching", "reporting")),
    Topic("registry.participations.v1", registry.ParticipationV1, ("visits", "matching", "reporting")),
    Topic("registry.cohorts.v1", registry.CohortV1, ("reporting",)),
    Topic("registry.attendances.v1", registry.AttendanceV1, ("reporting",)),
    Topic("registry.outcomes.v1", registry.OutcomeV1, ("reporting",)),
    Topic("registry.consents.v1", registry.ConsentV1, ("matching",)),
    Topic("registry.erasures.v1", registry.ErasureV1, ("visits", "matching", "reporting")),
    Topic("registry.revocations.v1", registry.RevocationV1, _ALL, in_memory=True),
    Topic("visits.visits.v1", visits.VisitV1, ("reporting",)),
    Topic("visits.activities.v1", visits.ActivityV1, ("reporting",)),
    Topic("visits.requests.v1", visits.RequestV1, ("reporting",)),
    Topic("visits.confirmations.v1", visits.VisitsConfirmationV1, ("registry",), "erasure"),
    Topic("matching.tandems.v1", matching.TandemV1, ("registry", "visits", "reporting")),
    Topic("matching.proposals.v1", matching.ProposalV1, ()),
    Topic("matching.waiting.v1", matching.WaitingV1, ("reporting",), "participation"),
    Topic("matching.confirmations.v1", matching.MatchingConfirmationV1, ("registry",), "erasure"),
    Topic("reporting.reports.v1", reporting.ReportV1, ()),
    Topic("reporting.periods.v1", reporting.PeriodV1, ("visits", "registry")),
    Topic("reporting.confirmations.v1", reporting.ReportingConfirmationV1, ("registry",), "erasure"),
)

BY_NAME: Final = {topic.name: topic for topic in TOPICS}
BY_CONTRACT: Final = {topic.contract: topic for topic in TOPICS}


def topics_for(service: str) -> tuple[Topic, ...]:
    """The topics that ``service`` keeps projections of; cities come first."""
    return tuple(topic for topic in TOPICS if service in topic.consumers and not topic.in_memory)


def topics_of(service: str) -> tuple[Topic, ...]:
    """The topics that ``service`` publishes."""
    return tuple(topic for topic in TOPICS if topic.owner == service)
