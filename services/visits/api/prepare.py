"""From a body to a command: whose tandem it is, what is known of it, its note sealed, its content marked."""

import hmac
from collections.abc import Sequence

from services.visits.api.bodies import VisitBody
from services.visits.domain.known import Setting
from services.visits.domain.visits import Visit
from shared.kernel.canonical import canonical_json
from shared.kernel.sealed import Sealed
from shared.observability.metrics import VISITS_LOGGED, Metrics
from shared.storage.mongo import MongoFault
from shared.storage.vault import Vault
from shared.web.desk import RequestDesk

USE = "idempotency"


def sealed_notes_here(
    vault: Vault, city: str, notes: Sequence[tuple[Setting, str | None]]
) -> list[Sealed | MongoFault | None]:
    """As ``sealed_note``, many at once in this thread; their keys must be there, or a fault stands in their place."""
    there = [(setting.participation, {"note": note}) for setting, note in notes if note and not setting.forgotten]
    sealed = iter(vault.seal_here(city, there))
    return [None if not note else not_kept(setting) if setting.forgotten else next(sealed) for setting, note in notes]


async def sealed_note(desk: RequestDesk, setting: Setting, note: str | None) -> Sealed | None:
    """The note under the participation's key; for an erased family none is made any more."""
    if note is None:
        return None
    if setting.forgotten:
        return not_kept(setting)
    return await desk.seal(setting.participation, {"note": note})


def not_kept(setting: Setting) -> Sealed:
    """What the command needs to know is that there was a note, so that it can say that it was not kept."""
    return Sealed(setting.participation, b"")


def count_logged(desk: RequestDesk, visit: Visit) -> None:
    """One more visit in the process's metrics."""
    metrics = desk.extra.get("metrics")
    if isinstance(metrics, Metrics):
        metrics.count(VISITS_LOGGED, city=desk.city, kind=visit.kind)


async def mark_of(desk: RequestDesk, body: VisitBody) -> str:
    """An HMAC under the city's key, so that nobody guesses a note from it."""
    secret = await desk.store.city_key(desk.city, USE)
    content = body.model_dump(mode="json", exclude={"corrects"}, exclude_none=True)
    return hmac.digest(secret, canonical_json(content), "sha256").hex()
