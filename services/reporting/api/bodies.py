"""What reporting is asked for: days, moments, formats, and the bodies of its acts."""

from typing import Annotated, Literal

from fastapi import Depends, Query
from pydantic import Field

from services.reporting.queries.figures import Days, Known, Part
from shared.kernel.clock import write_instant
from shared.kernel.dates import today
from shared.web.bodies import Body, Day, Instant, Name, Slug, id_of
from shared.web.desk import RequestDesk
from shared.web.moments import MOMENT, Moment

ReportId = Annotated[str, id_of("rep")]
PeriodId = Annotated[str, id_of("prd")]
FormatName = Literal["html", "csv", "xlsx", "pdf"]
LanguageName = Literal["de", "en"]
KnownAt = Annotated[Moment | None, Query(description=f"Count what was known then: {MOMENT}.")]


def _days(
    begin: Annotated[Day | None, Query(description="The first day; else the programme's.")] = None,
    until: Annotated[
        Day | None, Query(description="The day after the last; else the programme's, or tomorrow.")
    ] = None,
) -> Days:
    return Days(begin, until)


def _part(
    district: Annotated[Slug | None, Query(description="Only what belongs to this district.")] = None,
    site: Annotated[Slug | None, Query(description="Only what belongs to this site.")] = None,
    carrier: Annotated[Slug | None, Query(description="Only what this carrier was responsible for.")] = None,
) -> Part:
    return Part(district, site, carrier)


AskedDays = Annotated[Days, Depends(_days)]
AskedPart = Annotated[Part, Depends(_part)]


class PrintBody(Body):
    """A sealed report to be written; ``title`` is printed instead of the one that was sealed, and not kept."""

    format: FormatName = "html"
    language: LanguageName = "de"
    title: Name | None = Field(None, examples=["Sachbericht 2010"])


class ReportBody(PrintBody):
    """A report to be written; ``title`` is printed, and not kept."""

    begin: Day | None = Field(None, examples=["2010-03-01"])
    until: Day | None = Field(None, examples=["2011-01-01"])
    known_at: Instant | None = Field(None, examples=["2011-01-15T11:00:00.000Z"])


class SealBody(Body):
    """A report to be sealed. A programme of special kind takes no title here: it would be kept."""

    id: ReportId | None = None
    programme: Slug = Field(examples=["offizielle-nachbarin"])
    begin: Day | None = Field(None, examples=["2010-03-01"])
    until: Day | None = Field(None, examples=["2011-01-01"])
    title: Name | None = Field(None, examples=["Sachbericht 2010"])


class PeriodBody(Body):
    """Days to be closed; ``until`` is the day after the last."""

    id: PeriodId | None = None
    programme: Slug = Field(examples=["offizielle-nachbarin"])
    begin: Day = Field(examples=["2010-03-01"])
    until: Day = Field(examples=["2011-01-01"])


def moment_of(desk: RequestDesk, moment: str | None) -> Known:
    """What is counted: all that was known at the moment, or now."""
    now, day = write_instant(desk.moment), today(desk.moment)
    return Known(now, True, day) if moment is None or moment >= now else Known(moment, False, day)
