"""Erasing one person or family: one transaction, then the keys, then the confirmations; each step repeatable."""

from dataclasses import replace

from services.registry.domain.erasures import Erasure, without_family, without_person
from services.registry.store.erasures import ERASURES, confirmed_by_all
from services.registry.store.repositories import (
    CONSENTS,
    ENGAGEMENTS,
    FAMILIES,
    PARTICIPATIONS,
    PEOPLE,
    save_engagement,
    save_participation,
)
from shared.contracts.registry import ConsentV1, FamilyV1, PersonV1
from shared.kernel.errors import NotFound
from shared.kernel.ids import is_id
from shared.messaging.reactions import Ask
from shared.storage.store import Store
from shared.storage.work import Work


async def request_erasure(work: Work, key: str, subject: str) -> Erasure:
    """Tombstones for the person or family, nameless records for what she did, one erasure for all services."""
    query = {"family": subject} if is_id(subject, "fam") else {"person": subject}
    also: list[str] = []
    if is_id(subject, "fam"):
        family = await FAMILIES.get(work, subject)
        await FAMILIES.erase(work, family, FamilyV1, "family-erased")
    else:
        person = await PEOPLE.get(work, subject)
        await PEOPLE.erase(work, person, PersonV1, "person-erased")
        for engagement in await ENGAGEMENTS.find(work, query):
            also.append(engagement.id)
            await save_engagement(work, without_person(engagement), "person-erased")
    for participation in await PARTICIPATIONS.find(work, query):
        also.append(participation.id)
        await save_participation(work, without_family(participation, work.today), "family-erased")
    for consent in await CONSENTS.find(work, {"subject": {"$in": [subject, *also]}}):
        await CONSENTS.erase(work, consent, ConsentV1, "consent-erased")
    return await ERASURES.save(work, Erasure(key, subject, tuple(also), work.now), "erasure-requested")


async def destroy_keys(store: Store, city: str, erasure: Erasure) -> None:
    """Registry's own part; may be repeated."""
    for subject in (erasure.subject, *erasure.also):
        await store.vault.destroy(city, subject)


async def complete_erasure(ask: Ask) -> None:
    """Done when all other services have confirmed and registry's own keys are gone."""
    reader = ask.store.reader(ask.city)
    found = await ERASURES.find_one(reader, {"_id": ask.payload["erasure"]})
    if found is None:
        raise NotFound("erasure-not-found")
    await destroy_keys(ask.store, ask.city, found)
    if found.completed_at is not None or not await confirmed_by_all(reader, found.id):
        return

    async def body(work: Work) -> None:
        erasure = await ERASURES.get(work, found.id)
        if erasure.completed_at is None:
            await ERASURES.save(work, replace(erasure, completed_at=work.now), "erasure-completed")
        work.remember(200, erasure.id, erasure.version)

    await ask.store.transact(ask.city, ask.actor, body, ask.once)
