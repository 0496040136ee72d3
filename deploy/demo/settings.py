"""The programmes of today that match: how many help and take part, what they speak, where and with what."""

from dataclasses import dataclass
from typing import Final

from deploy.demo import cohort

VISIT_KINDS: Final = ("home_visit", "accompaniment", "meeting", "telephone")
MOTHERS_KINDS: Final = ("home_visit", "accompaniment", "offer")


@dataclass(frozen=True, slots=True)
class Odd:
    """Somebody for whom nobody may be found: what differs from those for whom somebody is."""

    language: str | None = None
    district: str | None = None
    topic: str | None = None
    slots: tuple[str, ...] = ()
    consent: bool = True
    gender_wish: str | None = None


@dataclass(frozen=True, slots=True)
class Setting:
    """One programme. ``guests`` are those who fit one of the helpers; ``odd`` come on top.

    ``special`` is a topic that travels only under two consents, of both sides; it is among the first helper's and the
    first guest's. ``role`` and ``helpers`` are empty where the helpers come from elsewhere.
    """

    city: str
    programme: str
    topics: tuple[str, ...]
    districts: tuple[str, ...]
    guests: int
    role: str = ""
    helpers: tuple[str, ...] = ()
    capacity: int = 2
    kinds: tuple[str, ...] = VISIT_KINDS
    odd: tuple[Odd, ...] = ()
    site: str | None = None
    pupils: bool = False
    special: str | None = None


SETTINGS: Final = (
    Setting(
        city=cohort.CITY,
        programme=cohort.PROGRAMME,
        topics=("education", "health", "family_life", "daily_life", "upbringing", "access_to_services"),
        districts=("schmarl", "gross-klein", "luetten-klein", "lichtenhagen"),
        guests=12,
        kinds=MOTHERS_KINDS,
        odd=(
            Odd(language="so"),
            Odd(district="toitenwinkel"),
            Odd(consent=False),
            Odd(slots=("sun-eve",)),
        ),
        site=cohort.SITE,
    ),
    Setting(
        city="wismar",
        programme="stadtteilmuetter-wismar",
        topics=("daily_life", "health", "education"),
        districts=("wismar",),
        guests=5,
        role="stadtteilmutter",
        helpers=("ar", "uk", "ru"),
        kinds=MOTHERS_KINDS,
        odd=(Odd(language="ti"),),
    ),
    Setting(
        city="salzgitter",
        programme="nachbarschaft-heute",
        topics=("daily_life", "learning_german"),
        districts=("ost-und-westsiedlung", "salzgitter-bad"),
        guests=7,
        role="volunteer",
        helpers=("tr", "ar", "ru", "pl"),
        odd=(Odd(topic="authorities"),),
        site="muetterzentrum-salzgitter",
    ),
    Setting(
        city="stuttgart",
        programme="willkommenspaten",
        topics=("flat_search", "authorities"),
        districts=("bad-cannstatt", "mitte", "feuerbach", "obertuerkheim"),
        guests=7,
        role="willkommenspate",
        helpers=("ar", "uk", "fa"),
    ),
    Setting(
        city="stuttgart",
        programme="startklar",
        topics=("learning", "training"),
        districts=("mitte", "moehringen"),
        guests=3,
        role="bildungsmentor",
        helpers=("ar",),
        capacity=3,
        kinds=("meeting", "telephone"),
        pupils=True,
    ),
    Setting(
        city="stuttgart",
        programme="elternmentoren",
        topics=("health_system", "prevention", "counselling_services"),
        districts=("moehringen", "bad-cannstatt"),
        guests=3,
        role="elternmentor",
        helpers=("tr", "ar"),
        special="disability",
    ),
)
"""Forty families and three pupils in four cities; thirteen helpers besides the cohort."""
