"""What tests of families share: consents, beats of matching, and tandems that arrive."""

from dataclasses import dataclass, field
from typing import Any

from services.registry.app import SERVICE
from shared.contracts.catalog import PARTITIONS
from shared.contracts.matching import TandemV1
from shared.kernel.clock import write_instant
from shared.kernel.ids import new_id
from tests.integration.api_parts import Api
from tests.integration.registry.town import Town
from tests.integration.town_parts import ListeningTown

PATH = "mentors/me/families"


class Hearing(ListeningTown):
    """Registry as matching's events reach it."""

    service = SERVICE


@dataclass(slots=True)
class Tandems:
    """Matching's part, played by hand, for one town."""

    town: Town
    hearing: Hearing = field(init=False)

    def __post_init__(self) -> None:
        self.hearing = Hearing(self.town.api, self.town.city)

    async def begin(self, engagement: str, participation: str, **changes: Any) -> TandemV1:
        """A tandem that has arrived here."""
        now = write_instant(self.town.api.store.clock())
        made = TandemV1(
            id=new_id("tan"), engagement=engagement, participation=participation, programme="paten",
            date="2025-11-20", recorded_at=now,
        ).model_copy(update=changes)  # fmt: skip
        await self.hearing.tell(made)
        return made

    async def end(self, tandem: TandemV1, **changes: Any) -> None:
        """Its end arrives."""
        now = write_instant(self.town.api.store.clock())
        await self.hearing.tell(tandem.model_copy(update={"ended_on": "2025-11-30", "recorded_at": now} | changes))

    async def erase(self, tandem: str) -> None:
        """Its tombstone arrives."""
        await self.hearing.tell_erased(TandemV1, tandem, write_instant(self.town.api.store.clock()))

    async def mine(self, person: str, query: str = "", **options: Any) -> Any:
        """The mentor's own list, right after a beat of matching."""
        await beat(self.town.api)
        return await self.town.get(PATH + query, role="mentor", person=person, **options)


async def beat(api: Api, moment: str | None = None, partitions: range = range(PARTITIONS)) -> None:
    """A beat of matching's tandems has arrived on these partitions."""
    offsets = api.store.mongo.runtime()["offsets"]
    told = {"$set": {"beat": moment or write_instant(api.store.clock())}}
    for number in partitions:
        await offsets.update_one({"_id": f"matching.tandems.v1:{number}"}, told, upsert=True)


def consent_of(subject: str, **fields: Any) -> dict[str, Any]:
    """The body of a consent to matching, given in writing."""
    return {
        "subject": subject, "purpose": "matching", "capacity": "self", "text": "matching_consent",
        "text_language": "uk", "how": "in_writing", "given_on": "2025-11-17", **fields,
    }  # fmt: skip
