"""Participations and consents."""

from dataclasses import replace

from services.registry.domain.participations import Consent, Participation
from services.registry.store.erasures import require_unused
from services.registry.store.repositories import (
    CONSENTS,
    ENGAGEMENTS,
    FAMILIES,
    PARTICIPATIONS,
    PEOPLE,
    PROGRAMMES,
    place_on,
    save_participation,
)
from shared.kernel.errors import Finding, Refused
from shared.storage.work import Work

_SUBJECTS = {
    "per_": PEOPLE.collection,
    "fam_": FAMILIES.collection,
    "eng_": ENGAGEMENTS.collection,
    "ptc_": PARTICIPATIONS.collection,
}


async def begin_participation(work: Work, participation: Participation) -> Participation:
    """A family, or a person, in a programme; what is known of the family by date is copied."""
    programme = await PROGRAMMES.get(work, participation.programme)
    programme.require_open(participation.date)
    await require_unused(work, participation.id)
    place = await place_on(work, participation.sites, participation.date)
    new = replace(participation, place=place, recorded_at=work.now)
    if participation.family is not None:
        family = await FAMILIES.find_one(work, {"_id": participation.family})
        if family is None:
            raise Refused("invalid", (Finding("/family", "not-found", "a family of this city"),))
        new = replace(new, districts=family.districts, languages=family.languages)
        query: dict[str, str | None] = {"family": participation.family, "programme": participation.programme}
    else:
        if await PEOPLE.find_one(work, {"_id": participation.person}) is None:
            raise Refused("invalid", (Finding("/person", "not-found", "a person of this city"),))
        query = {"person": participation.person, "programme": participation.programme}
    first = await work.count(PARTICIPATIONS.collection, query) == 0
    return await save_participation(work, replace(new, first=first), "participation-begun")


async def end_participation(work: Work, key: str, on: str, because: str) -> Participation:
    """The participation ends."""
    participation = await PARTICIPATIONS.get(work, key)
    return await save_participation(work, participation.ended(on, because), "participation-ended")


async def give_consent(work: Work, consent: Consent) -> Consent:
    """A consent, as given, of a subject that is there."""
    kept = _SUBJECTS.get(consent.subject[:4])
    if kept is None or await work.one(kept, {"_id": consent.subject}) is None:
        raise Refused("invalid", (Finding("/subject", "not-found", "a subject of this city"),))
    return await CONSENTS.save(work, consent, "consent-given")


async def withdraw_consent(work: Work, key: str) -> Consent:
    """A consent no longer stands."""
    consent = await CONSENTS.get(work, key)
    return await CONSENTS.save(work, consent.withdrawn(work.now), "consent-withdrawn")
