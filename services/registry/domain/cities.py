"""Cities and their districts."""

from dataclasses import dataclass

from shared.kernel.errors import Finding, Refused


@dataclass(frozen=True, slots=True)
class District:
    """A district; the position is an approximate centre in millionths of a degree."""

    slug: str
    name: str
    latitude: int | None = None
    longitude: int | None = None
    neighbours: tuple[str, ...] = ()
    population: int | None = None


@dataclass(frozen=True, slots=True)
class City:
    """A city; ``id`` is its slug. It always has districts: at least itself."""

    id: str
    name: str
    state: str
    districts: tuple[District, ...]
    model_regions: tuple[str, ...] = ()
    licence: str = ""
    version: int = 0

    def knows_district(self, slug: str) -> bool:
        """Whether ``slug`` is one of the city's districts."""
        return any(district.slug == slug for district in self.districts)


def open_city(city: City) -> City:
    """The city as it is kept. Raises ``Refused`` where a name of a district is used twice or not explained."""
    districts = city.districts or (District(city.id, city.name),)
    slugs = [district.slug for district in districts]
    findings = [
        Finding(f"/districts/{number}/slug", "used-twice")
        for number, slug in enumerate(slugs)
        if slug in slugs[:number]
    ]
    for number, district in enumerate(districts):
        if set(district.neighbours) - set(slugs):
            findings.append(Finding(f"/districts/{number}/neighbours", "unknown-district"))
    if set(city.model_regions) - set(slugs):
        findings.append(Finding("/model_regions", "unknown-district"))
    if findings:
        raise Refused("unknown-district", tuple(findings))
    return City(city.id, city.name, city.state, districts, city.model_regions, city.licence, city.version)
