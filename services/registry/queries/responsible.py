"""Which carriers answer for what is kept about somebody: those of the sites where she took part, on a day."""

from collections.abc import Callable, Iterable

from services.registry.domain.engagements import Engagement
from services.registry.domain.participations import Participation
from services.registry.domain.places import Organisation
from services.registry.store.repositories import (
    ENGAGEMENTS,
    FAMILIES,
    ORGANISATIONS,
    PARTICIPATIONS,
    SITES,
)
from shared.kernel.dates import value_on
from shared.storage.work import Reader

Entry = Engagement | Participation


async def responsible_carriers(
    reader: Reader, subject: str, days: Iterable[str], seen: Callable[[Entry], bool]
) -> dict[str, tuple[Organisation, ...]]:
    """By day, the carriers of a person, family, engagement or participation, by slug; of what is ``seen`` alone."""
    entries = [entry for entry in await _entries(reader, subject) if seen(entry)]
    sites = {site.id: site for site in await SITES.find(reader, {"_id": {"$in": _slugs(entries)}})}
    by_day: dict[str, set[str]] = {}
    for day in days:
        on_day = (sites.get(value_on(entry.sites, day) or "") for entry in entries)
        by_day[day] = {carrier for site in on_day if site is not None and (carrier := site.carrier_on(day)) is not None}
    named = await ORGANISATIONS.find(reader, {"_id": {"$in": sorted(set().union(*by_day.values()))}})
    known = sorted(named, key=lambda one: one.id)
    return {day: tuple(one for one in known if one.id in carriers) for day, carriers in by_day.items()}


async def _entries(reader: Reader, subject: str) -> list[Entry]:
    families = await FAMILIES.find(reader, {"persons": subject})
    own = [{"_id": subject}, {"person": subject}]
    ways = [*own, {"family": {"$in": [subject, *(family.id for family in families)]}}]
    return [
        *await ENGAGEMENTS.find(reader, {"$or": own}),
        *await PARTICIPATIONS.find(reader, {"$or": ways}),
    ]


def _slugs(entries: Iterable[Entry]) -> list[str]:
    return sorted({dated.value for entry in entries for dated in entry.sites})
