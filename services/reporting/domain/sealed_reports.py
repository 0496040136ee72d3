"""Sealed reports: what a report was made from, kept for ever, so that it can be made again and proven."""

import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.reporting.domain.facts import Fact, facts_of, rows_bytes
from services.reporting.domain.figures import DEFINITIONS, Figures, count, figures_hash
from services.reporting.domain.programme_report import Header
from shared.kernel.canonical import bytes_hash
from shared.kernel.classified import classified
from shared.kernel.dates import Period
from shared.kernel.errors import Refused

LARGEST: int = 15_000_000
"""Bytes of the compressed rows: a document has 16 MiB."""


@classified(internal="id header cut sealed_at rows rows_sha256 definitions figures_sha256 positions version")
@dataclass(frozen=True, slots=True)
class SealedReport:
    """The header as printed, and the evidence: cut, number and SHA-256 of the rows, how far each topic was read."""

    id: str
    header: Header
    cut: str
    sealed_at: str
    rows: int
    rows_sha256: str
    definitions: str
    figures_sha256: str
    positions: Mapping[str, int]
    version: int = 0

    @property
    def programme(self) -> str:
        """The slug of the programme."""
        return self.header.slug

    @property
    def period(self) -> Period:
        """The days that are reported on."""
        return Period(self.header.begin, self.header.until)


@dataclass(frozen=True, slots=True)
class Verification:
    """Whether the stored rows are those that were sealed, and count to the same figures today."""

    rows_equal: bool
    figures_equal: bool

    @property
    def valid(self) -> bool:
        """Both."""
        return self.rows_equal and self.figures_equal


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything recorded up to the instant ``cut``, and how far each partition had been read by then."""

    cut: str
    positions: Mapping[str, int]


def seal(key: str, header: Header, facts: Sequence[Fact], evidence: Evidence, now: str) -> tuple[SealedReport, bytes]:
    """The report and its rows, compressed. Raises ``Refused("report-too-large")``."""
    plain = rows_bytes(facts)
    content = zlib.compress(plain, 9)
    if len(content) > LARGEST:
        raise Refused("report-too-large", params={"bytes": len(content), "most": LARGEST})
    sealed = SealedReport(
        id=key,
        header=header,
        cut=evidence.cut,
        sealed_at=now,
        rows=len(facts),
        rows_sha256=bytes_hash(plain),
        definitions=DEFINITIONS,
        figures_sha256=figures_hash(_figures(header, facts)),
        positions=evidence.positions,
    )
    return sealed, content


def sealed_facts(content: bytes) -> list[Fact]:
    """The facts in the stored rows."""
    return facts_of(json.loads(zlib.decompress(content)))


def sealed_figures(report: SealedReport, content: bytes) -> Figures:
    """The figures, counted anew from the stored rows."""
    return _figures(report.header, sealed_facts(content))


def verify(report: SealedReport, content: bytes) -> Verification:
    """Reads, hashes and counts the stored rows again; content that cannot be read is not what was sealed."""
    try:
        plain = zlib.decompress(content)
        rows: list[Any] = json.loads(plain)
        figures = figures_hash(_figures(report.header, facts_of(rows)))
    except (zlib.error, ValueError, KeyError, TypeError):
        return Verification(rows_equal=False, figures_equal=False)
    return Verification(
        rows_equal=bytes_hash(plain) == report.rows_sha256 and len(rows) == report.rows,
        figures_equal=figures == report.figures_sha256,
    )


def _figures(header: Header, facts: Sequence[Fact]) -> Figures:
    return count(facts, Period(header.begin, header.until))
