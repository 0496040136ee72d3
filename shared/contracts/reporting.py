"""What reporting publishes."""

from shared.contracts.base import Contract, Count, Day, Id, Instant, Sha256, Slug


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


class PeriodV1(Contract):
    """A closed period of a programme; what is recorded later is late."""

    id: Id
    programme: Slug
    begin: Day
    until: Day
    closed_at: Instant


class ReportingConfirmationV1(Contract):
    """Reporting has forgotten what an erasure names."""

    erasure: Id
    confirmed_at: Instant
