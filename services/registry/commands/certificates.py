"""Issuing certificates and taking them back."""

from dataclasses import replace

from services.registry.domain.certificates import RANDOM, Certificate, certificate_number, require_certified
from services.registry.store.qualification import CERTIFICATES, stated
from services.registry.store.repositories import ENGAGEMENTS, PROGRAMMES
from shared.kernel.people import PersonName
from shared.storage.work import Work


async def issue_certificate(
    work: Work, key: str, engagement_key: str, *, also_in: str | None, name: PersonName, city_key: bytes
) -> Certificate:
    """A certificate with a number of its own, of today. Raises as ``require_certified``."""
    engagement = await ENGAGEMENTS.get(work, engagement_key)
    programme = await PROGRAMMES.get(work, engagement.programme)
    # An id's characters are where chance comes in; the number is not this certificate's id.
    chance = work.new_id("crt")[-RANDOM:]
    new = Certificate(
        id=key,
        number=certificate_number(work.city, chance),
        engagement=engagement.id,
        programme=programme.id,
        issued_on=work.today,
        certified_on=require_certified(engagement, programme),
        also_in=also_in,
        proof="",
    )
    statement = await stated(work, engagement, new, name)
    return await CERTIFICATES.save(work, replace(new, proof=statement.proof(city_key)), "certificate-issued")


async def withdraw_certificate(work: Work, key: str, because: str) -> Certificate:
    """It holds no longer. Raises ``Conflict("certificate-withdrawn")``."""
    certificate = await CERTIFICATES.get(work, key)
    return await CERTIFICATES.save(work, certificate.withdrawn(work.today, because), "certificate-withdrawn")


async def remove_certificates(work: Work, engagement: str) -> None:
    """Nothing is known any more of what was issued: for an erasure, since the numbers stand on papers with a name."""
    for certificate in await CERTIFICATES.find(work, {"engagement": engagement}):
        await work.remove(CERTIFICATES.collection, {"_id": certificate.id, "version": certificate.version})
        work.note("certificate.certificate-erased", certificate.id)
