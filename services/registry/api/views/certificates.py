"""Views of certificates: their records, in which nobody is named."""

from collections.abc import Callable

from pydantic import Field

from services.registry.api.permissions import QUALIFY
from services.registry.domain.certificates import Certificate
from services.registry.domain.engagements import Engagement
from shared.web.bodies import View
from shared.web.desk import RequestDesk


class CertificateView(View):
    """A certificate that was issued."""

    number: str = Field(examples=["ROSTOCK-7K3M9-QXRC2G"])
    engagement: str
    programme: str
    state: str = Field(examples=["valid"])
    issued_on: str
    certified_on: str
    languages: list[str] = Field(examples=[["de", "ar"]])
    proof: str = Field(description="A keyed hash of everything that it states.", examples=["5f0c…"])
    withdrawn_on: str | None
    withdrawn_because: str | None


def certificate_view(desk: RequestDesk, engagement: Engagement) -> Callable[[Certificate], CertificateView]:
    """The view of the engagement's certificates for this token."""
    place = engagement.place
    may = desk.may(QUALIFY, programme=engagement.programme, site=place.site, carrier=place.carrier)

    def view(certificate: Certificate) -> CertificateView:
        valid = certificate.withdrawn_on is None
        return CertificateView(
            id=certificate.id,
            version=certificate.version,
            actions=[*(["document"] if valid else []), *(["withdraw"] if valid and may else [])],
            number=certificate.number,
            engagement=certificate.engagement,
            programme=certificate.programme,
            state=certificate.state,
            issued_on=certificate.issued_on,
            certified_on=certificate.certified_on,
            languages=["de", *([certificate.also_in] if certificate.also_in is not None else [])],
            proof=certificate.proof,
            withdrawn_on=certificate.withdrawn_on,
            withdrawn_because=certificate.withdrawn_because,
        )

    return view
