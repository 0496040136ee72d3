"""Consents given and withdrawn: what rests on them is told anew in the same transaction."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

from services.registry.domain.consents import Consent
from services.registry.domain.days import require_past
from services.registry.store.repositories import (
    CONSENTS,
    ENGAGEMENTS,
    FAMILIES,
    PARTICIPATIONS,
    PEOPLE,
    hold_consents,
    require_known,
    save_engagement,
    save_participation,
    tells_special,
)
from shared.kernel.dates import today
from shared.security.principals import Actor
from shared.storage.store import Store
from shared.storage.work import Work

_SUBJECTS = {
    "per_": PEOPLE.collection,
    "fam_": FAMILIES.collection,
    "eng_": ENGAGEMENTS.collection,
    "ptc_": PARTICIPATIONS.collection,
}


async def give_consent(work: Work, consent: Consent) -> Consent:
    """A consent, as given, of a subject that is there."""
    kept = _SUBJECTS.get(consent.subject[:4])
    await require_known(work, kept or PEOPLE.collection, consent.subject, "/subject")
    require_past(consent.given_on, work.today, "/given_on")
    saved = await CONSENTS.save(work, consent, "consent-given")
    await _tell_anew(work, consent.subject, "consent-given")
    return saved


async def withdraw_consent(work: Work, key: str) -> Consent:
    """A consent no longer stands."""
    consent = await CONSENTS.get(work, key)
    await hold_consents(work, consent.subject)
    saved = await CONSENTS.save(work, consent.withdrawn(work.now), "consent-withdrawn")
    await _tell_anew(work, consent.subject, "consent-withdrawn")
    return saved


async def tell_expired_consents(store: Store) -> int:
    """Tells consents that have expired and what rested on them, each once; for every night. Says how many were told.

    Whoever reads judges by the day, and did not wait for it; but tokens of special topics stay in events until then.
    """
    actor = Actor("service/registry", "service", "consents-expired")
    return sum([await _tell_expired(store, city, actor) for city in await store.cities()])


async def _tell_expired(store: Store, city: str, actor: Actor) -> int:
    ended = {"expires_on": {"$lte": today(store.clock())}, "withdrawn_at": None, "expiry_told": {"$ne": True}}
    expired = await CONSENTS.find(store.reader(city), ended)
    for consent in expired:
        await store.transact(city, actor, _expire(consent.id))
    return len(expired) + await store.transact(city, actor, _take_back)


def _expire(key: str) -> Callable[[Work], Awaitable[None]]:
    async def body(work: Work) -> None:
        consent = await CONSENTS.find_one(work, {"_id": key})
        if consent is None or consent.expiry_told or consent.state(work.today) != "expired":
            return
        await hold_consents(work, consent.subject)
        await CONSENTS.save(work, replace(consent, expiry_told=True), "consent-expired")
        await _tell_anew(work, consent.subject, "consent-expired")

    return body


async def _take_back(work: Work) -> int:
    told = 0
    for engagement in await ENGAGEMENTS.find(work, {"tells_special": True}):
        if not await tells_special(work, engagement.id, engagement.person):
            await save_engagement(work, engagement, "consent-expired")
            told += 1
    for participation in await PARTICIPATIONS.find(work, {"tells_special": True}):
        if not await tells_special(work, participation.id, participation.family, participation.person):
            await save_participation(work, participation, "consent-expired")
            told += 1
    return told


async def _tell_anew(work: Work, subject: str, fact: str) -> None:
    for engagement in await ENGAGEMENTS.find(work, {"$or": [{"_id": subject}, {"person": subject}]}):
        await save_engagement(work, engagement, fact)
    query = {"$or": [{"_id": subject}, {"family": subject}, {"person": subject}]}
    for participation in await PARTICIPATIONS.find(work, query):
        await save_participation(work, participation, fact)
