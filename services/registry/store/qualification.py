"""Certificates, what they state, and group meetings; none of it is told to other services."""

from services.registry.domain.certificates import Certificate, StatedModule, Statement
from services.registry.domain.cohorts import ModulePlan
from services.registry.domain.engagements import Engagement
from services.registry.domain.meetings import Meeting, Series
from services.registry.domain.modules import Module
from services.registry.domain.outcomes import Attendance
from services.registry.store.repositories import (
    ATTENDANCES,
    CITIES,
    COHORTS,
    ORGANISATIONS,
    PROGRAMMES,
    SITES,
    place_on,
)
from shared.kernel.people import PersonName
from shared.storage.repository import Repository
from shared.storage.work import Reader

CERTIFICATES = Repository(Certificate, "certificates", "certificate")
SERIES = Repository(Series, "meeting_series", "series")
MEETINGS = Repository(Meeting, "meetings", "meeting")


async def stated(reader: Reader, engagement: Engagement, certificate: Certificate, name: PersonName) -> Statement:
    """What the certificate says, from what is known now; the same again as long as nothing of it was corrected."""
    programme = await PROGRAMMES.get(reader, certificate.programme)
    place = await place_on(reader, engagement.sites, certificate.certified_on)
    site = await SITES.find_one(reader, {"_id": place.site})
    carrier = await ORGANISATIONS.find_one(reader, {"_id": place.carrier})
    entries = await ATTENDANCES.find(reader, {"engagement": engagement.id})
    passed = [entry for entry in entries if entry.passed_on is not None]
    cohort = await COHORTS.find_one(reader, {"_id": engagement.cohort})
    plans = {plan.code: plan for plan in cohort.plan} if cohort is not None else {}
    begin = min((entry.date for entry in passed), default=engagement.date)
    end = max((entry.passed_on or entry.date for entry in passed), default=certificate.certified_on)
    taught = [module for module in engagement.judged(programme).modules if module.code in engagement.passed]
    return Statement(
        number=certificate.number,
        name=name.as_documented,
        own_script=name.own_script,
        programme=programme.name,
        begin=begin,
        end=end,
        modules=tuple(_stated_module(module, passed, plans.get(module.code)) for module in taught),
        certified_on=certificate.certified_on,
        issued_on=certificate.issued_on,
        city=(await CITIES.get(reader, reader.city)).name,
        site=site.name if site is not None else None,
        carrier=carrier.name if carrier is not None else None,
        also_in=certificate.also_in,
        funders=programme.funders_between(begin, end),
    )


def _stated_module(module: Module, passed: list[Attendance], plan: ModulePlan | None) -> StatedModule:
    """With the minutes that she attended, or those of the plan where nobody wrote down hers."""
    attended = sum(entry.minutes for entry in passed if entry.module == module.code)
    planned = plan.minutes if plan is not None else None
    return StatedModule(module.title, attended or planned or 0)
