"""Proofs that people have shown, and the engagements that count on them."""

from collections.abc import Iterable
from typing import Any

from services.registry.domain.proofs import Held, Proof
from services.registry.store.repositories import PROOFS
from shared.storage.work import Work


async def held_by(work: Work, person: str | None) -> tuple[Held, ...]:
    """The days of the proofs that a person has shown, as her engagements keep them; nobody else changes them now."""
    if person is None:
        return ()
    await hold_proofs(work, person)
    return as_held(await PROOFS.find(work, {"person": person}))


async def hold_proofs(work: Work, person: str) -> None:
    """Holds what rests on a person's proofs: one that is recorded while an engagement begins counts for it, too."""
    await work.hold(f"proofs/{person}")


def as_held(proofs: Iterable[Proof]) -> tuple[Held, ...]:
    """The days of proofs, in one order whatever the order of the proofs."""
    return tuple(Held(*pair) for pair in sorted({(proof.kind, proof.dated_on) for proof in proofs}))


async def forget_proofs(work: Work, query: dict[str, Any], fact: str) -> int:
    """Deletes the proofs that fit, each with an entry in the audit that has its id and no day."""
    found = await PROOFS.find(work, query)
    for proof in found:
        await work.remove(PROOFS.collection, {"_id": proof.id, "version": proof.version})
        work.note(f"proof.{fact}", proof.id)
    return len(found)
