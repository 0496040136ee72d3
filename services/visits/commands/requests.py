"""Requests of the neighbourhood: received, brokered, fulfilled, closed."""

from services.visits.domain.known import Moment
from services.visits.domain.requests import Request
from services.visits.store import REQUESTS
from services.visits.store.known import Known
from shared.kernel.errors import Finding, Refused
from shared.storage.work import Work


async def receive_request(work: Work, new: Request) -> Request:
    """A request for a service of the programme's catalogue. Raises ``Refused``, ``NotYetKnown``."""
    known = Known(work)
    place = await known.place(new.site, new.district, new.participation, new.date)
    received = new.received(await known.programme(new.programme), place, _moment(work))
    return await REQUESTS.save(work, received, "request-received")


async def broker_request(work: Work, key: str, by: str, engagement: str | None) -> Request:
    """Given to the house itself, to a volunteer of the programme, or to a partner."""
    request = await REQUESTS.get(work, key)
    if engagement is not None and await Known(work).programme_of(engagement) != request.programme:
        raise Refused("invalid", (Finding("/engagement", "another-programme", request.programme),))
    return await REQUESTS.save(work, request.brokered(by, engagement, _moment(work)), "request-brokered")


async def fulfil_request(work: Work, key: str, on: str) -> Request:
    """Done on a day."""
    request = await REQUESTS.get(work, key)
    return await REQUESTS.save(work, request.fulfilled(on, _moment(work)), "request-fulfilled")


async def close_request(work: Work, key: str, reason: str) -> Request:
    """Not to be fulfilled any more."""
    request = await REQUESTS.get(work, key)
    return await REQUESTS.save(work, request.closed(reason, _moment(work)), "request-closed")


def _moment(work: Work) -> Moment:
    return Moment(work.now, work.today)
