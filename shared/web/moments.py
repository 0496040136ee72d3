"""Instants in addresses: until when something was known, as a moment or as a day."""

from datetime import datetime, time, timedelta
from typing import Annotated, Final

from pydantic import AfterValidator, Field

from shared.kernel.clock import BERLIN, read_instant, write_instant
from shared.kernel.dates import check_day
from shared.web.bodies import wrong

MOMENT: Final = "YYYY-MM-DD (the end of that day in Germany) or YYYY-MM-DDThh:mm:ss.sssZ"


def _moment(text: str) -> str:
    """A day means its last millisecond in Germany."""
    try:
        if "T" in text:
            return write_instant(read_instant(text))
        day = datetime.fromisoformat(check_day(text)).date() + timedelta(days=1)
        midnight = datetime.combine(day, time(), BERLIN)
        return write_instant(midnight - timedelta(milliseconds=1))
    except (ValueError, OverflowError) as error:  # its message may quote the value
        raise wrong("wrong-form", MOMENT) from error


Moment = Annotated[str, AfterValidator(_moment), Field(json_schema_extra={"examples": ["2026-06-30"]})]
