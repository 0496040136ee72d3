"""The warning for duplicates: whom the caller may see by id, of others only that there is somebody."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from services.registry.api.reach import seen_of
from services.registry.api.shapes import search_key
from services.registry.api.views.search import DuplicatesView, PossibleDuplicateView
from services.registry.domain.duplicates import SAME_NAME, SIMILAR_NAME, entered, strength
from services.registry.queries.search import candidates
from shared.storage.audit import AuditEntry
from shared.web.desk import RequestDesk

_MOST_SHOWN: Final = 10
_WHOLE_NAMES: Final = frozenset({SAME_NAME, SIMILAR_NAME})


async def possible_duplicates(desk: RequestDesk, identity: Mapping[str, Any]) -> DuplicatesView:
    """Who may be the same person; that they were compared is in the audit before this returns. Opens nobody."""
    found = await candidates(desk.reader, entered(await search_key(desk), identity))
    if found:
        compared = [AuditEntry("person.compared", candidate.person.id, fields=("name",)) for candidate in found]
        await desk.store.note(desk.city, replace(desk.actor, purpose="duplicates"), *compared)
    seen = {person.id for person in await seen_of(desk, [candidate.person for candidate in found])}
    shown = sorted(
        (candidate for candidate in found if candidate.person.id in seen),
        key=lambda candidate: (strength(candidate.reasons), candidate.person.id),
    )
    return DuplicatesView(
        possible_duplicates=[
            PossibleDuplicateView(id=candidate.person.id, reasons=list(candidate.reasons))
            for candidate in shown[:_MOST_SHOWN]
        ],
        duplicate_elsewhere=any(
            candidate.person.id not in seen and candidate.reasons[0] in _WHOLE_NAMES for candidate in found
        ),
    )
