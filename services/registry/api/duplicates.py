"""The warning for duplicates: whom the caller may see by id, of others only that there is somebody."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from services.registry.api.reach import seen_of
from services.registry.api.shapes import search_key
from services.registry.api.views.search import DuplicatesView, PossibleDuplicateView
from services.registry.domain.duplicates import SAME_NAME, SIMILAR_NAME, entered, strength
from services.registry.queries.search import Candidate, candidates
from shared.storage.audit import AuditEntry
from shared.web.desk import RequestDesk

_MOST_SHOWN: Final = 10
_WHOLE_NAMES: Final = frozenset({SAME_NAME, SIMILAR_NAME})


async def possible_duplicates(desk: RequestDesk, identity: Mapping[str, Any]) -> DuplicatesView:
    """Who may be the same person; whose record said so is in the audit before this returns. Opens nobody."""
    return await warning_of(desk, await candidates(desk.reader, entered(await search_key(desk), identity)))


async def warning_of(desk: RequestDesk, found: list[Candidate]) -> DuplicatesView:
    """The warning that they make; in the audit before this returns."""
    if not found:
        return DuplicatesView(possible_duplicates=[], duplicate_elsewhere=False)
    seen = {person.id for person in await seen_of(desk, [candidate.person for candidate in found])}
    found.sort(key=lambda candidate: (strength(candidate.reasons), candidate.person.id))
    shown = [candidate for candidate in found if candidate.person.id in seen][:_MOST_SHOWN]
    hidden = [one for one in found if one.person.id not in seen and one.reasons[0] in _WHOLE_NAMES][:1]
    told = [AuditEntry("person.compared", candidate.person.id, fields=("name",)) for candidate in shown + hidden]
    if told:
        await desk.store.note(desk.city, replace(desk.actor, purpose="duplicates"), *told)
    return DuplicatesView(
        possible_duplicates=[
            PossibleDuplicateView(id=candidate.person.id, reasons=list(candidate.reasons)) for candidate in shown
        ],
        duplicate_elsewhere=bool(hidden),
    )
