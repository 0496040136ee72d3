"""What reporting publishes."""

from shared.contracts.base import Contract, Count, Day, Id, Instant, Sha256, Slug
from shared.kernel.classified import classified


@classified(internal="id programme begin until cut sealed_at rows rows_sha256")
class ReportV1(Contract):
    """A sealed report: what it covers and the hash of the rows it was made from."""

    id: Id
    programme: Slug
    begin: Day
    until: Day
    cut: Instant
    sealed_at: Instant
    rows: Count
    rows_sha256: Sha256


@classified(internal="id programme begin until closed_at")
class PeriodV1(Contract):
    """A closed period of a programme; what is recorded later is late."""

    id: Id
    programme: Slug
    begin: Day
    until: Day
    closed_at: Instant


@classified(internal="erasure confirmed_at")
class ReportingConfirmationV1(Contract):
    """Reporting has forgotten what an erasure names."""

    erasure: Id
    confirmed_at: Instant
