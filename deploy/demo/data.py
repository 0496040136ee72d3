"""The demo's reference data: cities, districts, carriers, programmes and what these said of themselves."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

_FOLDER: Final = Path(__file__).parent / "data"

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Reference:
    """``cities`` carry ``organisations``, ``sites`` and ``programmes`` as registry takes them, and ``districts``."""

    cities: tuple[Row, ...]
    cohort: Row
    past_activities: tuple[Row, ...]
    stated: Row
    carrier_change: Row

    def programmes(self) -> list[tuple[str, Row]]:
        """Every programme with its city's slug."""
        return [(city["slug"], programme) for city in self.cities for programme in city["programmes"]]

    def programme(self, slug: str) -> Row:
        """One programme."""
        return next(programme for _, programme in self.programmes() if programme["slug"] == slug)


def read_reference() -> Reference:
    """The files of ``data/``."""
    plain = json.loads((_FOLDER / "programmes.json").read_text(encoding="utf-8"))
    places = json.loads((_FOLDER / "districts.json").read_text(encoding="utf-8"))
    cities = tuple(
        {**city, "districts": places["cities"][city["slug"]], "licence": places["licences"][city["slug"]]}
        for city in plain["cities"]
    )
    return Reference(cities, plain["cohort"], tuple(plain["past_activities"]), plain["stated"], plain["carrier_change"])
