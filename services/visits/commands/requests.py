"""Requests and activities."""

from dataclasses import replace

from services.visits.domain.requests import Activity, Request
from services.visits.store import known
from services.visits.store.repositories import ACTIVITIES, REQUESTS
from shared.kernel.errors import Finding, Refused
from shared.storage.work import Work


async def receive_request(work: Work, request: Request) -> Request:
    """A request for a service of the programme's catalogue."""
    programme = await known.programme(work, request.programme)
    services = list(programme.get("services") or ())
    if services and request.service not in services:
        raise Refused("invalid", (Finding("/service", "not-one-of", ", ".join(services)),))
    place = await known.place_of_site(work, request.site, request.date)
    new = replace(request, carrier=place.carrier, district=request.district or place.district, recorded_at=work.now)
    return await REQUESTS.save(work, new, "request-received")


async def broker_request(work: Work, key: str, by: str, engagement: str | None) -> Request:
    """Given to the house itself, to a volunteer or to a partner."""
    request = await REQUESTS.get(work, key)
    return await REQUESTS.save(work, request.brokered(by, engagement), "request-brokered")


async def fulfil_request(work: Work, key: str, on: str) -> Request:
    """Done."""
    request = await REQUESTS.get(work, key)
    return await REQUESTS.save(work, request.fulfilled(on), "request-fulfilled")


async def record_activity(work: Work, activity: Activity) -> Activity:
    """How many came, nobody named."""
    await known.programme(work, activity.programme)
    place = await known.place_of_site(work, activity.site, activity.date)
    new = replace(activity, carrier=place.carrier, district=activity.district or place.district, recorded_at=work.now)
    return await ACTIVITIES.save(work, new, "activity-recorded")
