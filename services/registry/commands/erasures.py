"""Erasing one person or family: one transaction, then the keys, then the confirmations; each step repeatable."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

from services.registry.commands.certificates import remove_certificates
from services.registry.commands.enrolments import give_up_places
from services.registry.domain.erasures import Erasure, without_family, without_person
from services.registry.domain.people import Family
from services.registry.store.contacts import forget_contact
from services.registry.store.erasures import ERASURES, confirmed_by_all
from services.registry.store.proofs import forget_proofs
from services.registry.store.repositories import (
    CONSENTS,
    ENGAGEMENTS,
    FAMILIES,
    PARTICIPATIONS,
    PEOPLE,
    PROGRAMMES,
    forget_in_engagement,
    forget_in_participation,
    save_participation,
    save_programme,
)
from shared.contracts.registry import ConsentV1, FamilyV1, PersonV1
from shared.kernel.ids import is_id
from shared.messaging.reactions import Ask
from shared.security.principals import Actor
from shared.storage.store import Store
from shared.storage.work import Work


async def request_erasure(work: Work, key: str, subject: str) -> Erasure:
    """Tombstones for the person or family, nameless records for what she did, one erasure for all services.

    The keys go afterwards (``finish_erasures``). Raises ``NotFound`` for a subject that is not there.
    """
    also = await (_erase_family(work, subject) if is_id(subject, "fam") else _erase_person(work, subject))
    for consent in await CONSENTS.find(work, {"subject": {"$in": [subject, *also]}}):
        await CONSENTS.erase(work, consent, ConsentV1, "consent-erased")
    return await ERASURES.save(
        work, Erasure(key, subject, tuple(also), work.now, requested_by=work.actor.subject), "erasure-requested"
    )


async def finish_erasures(store: Store, city: str) -> int:
    """Destroys the keys of all erasures of the city that may still have them; says how many. May be repeated."""
    pending = await ERASURES.find(store.reader(city), {"keys_gone_at": None})
    for erasure in pending:
        for subject in erasure.subjects:
            await store.vault.destroy(city, subject)
        await store.transact(city, Actor("service/registry", "service", erasure.id), _keys_gone(erasure.id))
    return len(pending)


async def resume_erasures(store: Store) -> int:
    """Redoes what a stop between transaction and keys left undone, in every city; says how many. For the start."""
    return sum([await finish_erasures(store, city) for city in await store.cities()])


async def complete_erasure(ask: Ask) -> None:
    """The reaction to a confirmation: done when all others have confirmed and registry's own keys are gone."""
    await finish_erasures(ask.store, ask.city)
    key = str(ask.payload["erasure"])

    async def body(work: Work) -> None:
        erasure = await ERASURES.get(work, key)
        confirmed = erasure.confirmed(await confirmed_by_all(work, key), work.now)
        if confirmed != erasure:
            erasure = await ERASURES.save(work, confirmed, "erasure-completed")
        work.remember(200, erasure.id, erasure.version)

    await ask.store.transact(ask.city, ask.actor, body, ask.once)


async def _erase_person(work: Work, subject: str) -> list[str]:
    person = await PEOPLE.get(work, subject)
    also: list[str] = []
    for found in await ENGAGEMENTS.find(work, {"person": subject}):
        # A place that another engagement of hers has given up may have become this one's.
        engagement = await ENGAGEMENTS.get(work, found.id)
        await give_up_places(work, engagement)
        await remove_certificates(work, engagement.id)
        await forget_in_engagement(work, without_person(engagement), "person-erased")
        also.append(engagement.id)
    also += await _forget_participations(work, {"person": subject})
    await forget_proofs(work, {"person": subject}, "person-erased")
    for family in await FAMILIES.find(work, {"persons": subject}):
        await FAMILIES.save(work, family.without(subject), "person-erased", ("persons",))
    for programme in await PROGRAMMES.find(work, {"roles.person": subject}):
        await save_programme(work, programme.without(subject), "person-erased")
    for participation in await PARTICIPATIONS.find(work, {"guardians": subject}):
        left = tuple(other for other in participation.guardians if other != subject)
        await save_participation(work, replace(participation, guardians=left), "person-erased")
    await forget_contact(work, subject)
    await PEOPLE.erase(work, person, PersonV1, "person-erased")
    return also


async def _erase_family(work: Work, subject: str) -> list[str]:
    family = await FAMILIES.get(work, subject)
    also = await _forget_participations(work, {"family": subject})
    await forget_contact(work, subject)
    await FAMILIES.erase(work, family, FamilyV1, "family-erased")
    for person in family.persons:
        if not await _has_something_else(work, person, family):
            also += [*await _erase_person(work, person), person]
    return also


async def _has_something_else(work: Work, person: str, family: Family) -> bool:
    """Whether a person of an erased family is known for anything besides it, or is not there any more."""
    counts = [
        await work.count(ENGAGEMENTS.collection, {"person": person}),
        await work.count(PARTICIPATIONS.collection, {"person": person}),
        await work.count(FAMILIES.collection, {"persons": person, "_id": {"$ne": family.id}}),
    ]
    return any(counts) or await work.one(PEOPLE.collection, {"_id": person}) is None


async def _forget_participations(work: Work, query: dict[str, str]) -> list[str]:
    found = await PARTICIPATIONS.find(work, query)
    for participation in found:
        await forget_in_participation(work, without_family(participation), "subject-erased")
    return [participation.id for participation in found]


def _keys_gone(key: str) -> Callable[[Work], Awaitable[None]]:
    async def body(work: Work) -> None:
        erasure = await ERASURES.get(work, key)
        gone = erasure.keys_gone(work.now).confirmed(await confirmed_by_all(work, key), work.now)
        if gone != erasure:
            await ERASURES.save(work, gone, "keys-destroyed")

    return body
