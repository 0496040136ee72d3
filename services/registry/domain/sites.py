"""Sites and their carriers by date."""

from dataclasses import dataclass, replace

from shared.kernel.dates import Dated, value_on, with_value


@dataclass(frozen=True, slots=True)
class Site:
    """A place of work; ``id`` is its slug, ``carriers`` says who carried it from which day on."""

    id: str
    name: str
    district: str
    carriers: tuple[Dated[str], ...]
    since: str | None = None
    version: int = 0

    def carrier_on(self, day: str) -> str | None:
        """Who carries the site on that day; the first entry also holds for earlier days."""
        return value_on(self.carriers, day)

    def carried_by(self, since: str, carrier: str) -> "Site":
        """The site with another carrier from a day on; an entry of that same day is replaced."""
        return replace(self, carriers=with_value(self.carriers, since, carrier))
