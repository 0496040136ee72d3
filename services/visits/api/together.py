"""Visits that arrive at the same moment are logged together: read, sealed and committed as one group."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from services.visits.api.bodies import VisitBody
from services.visits.api.prepare import mark_of, sealed_notes_here
from services.visits.api.reach import require_setting
from services.visits.commands.visits import LogVisit, log_visits
from services.visits.domain.known import Setting
from services.visits.domain.visits import Visit
from services.visits.store.known import Known
from shared.kernel.errors import DomainError
from shared.storage.blocking import in_thread
from shared.storage.group import Change, Gatherer, commit_together
from shared.storage.store import Store
from shared.storage.work import Once
from shared.web.desk import RequestDesk

LOGGER: Final = "visit-logger"
"""Where an endpoint's desk has it."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One visit to be logged, by whom, under which id."""

    desk: RequestDesk
    body: VisitBody
    key: str
    once: Once | None


@dataclass(frozen=True, slots=True)
class VisitLogger:
    """Logs visits, city by city; one for each process."""

    store: Store
    _cities: dict[str, Gatherer[Asked, Visit]] = field(default_factory=dict)

    async def log(self, asked: Asked) -> Visit:
        """The visit, once it is committed.

        Raises ``NotYetKnown``, ``Refused``, ``Conflict``, ``Replayed``, and as ``RequestDesk.require`` for a tandem
        that is not the caller's.
        """
        city = asked.desk.city
        if city not in self._cities:
            self._cities[city] = Gatherer(partial(self._log_all, city))
        return await self._cities[city].submit(asked)

    async def _log_all(self, city: str, group: Sequence[Asked]) -> list[Visit | Exception]:
        settings = await self._settings(city, group)
        meant = [(one, setting) for one, setting in zip(group, settings, strict=True) if isinstance(setting, Setting)]
        marks = [await mark_of(one.desk, one.body) for one, _ in meant]
        noted = [setting.participation for one, setting in meant if one.body.note and not setting.forgotten]
        await self.store.vault.need_keys(city, noted)

        async def commit(store: Store) -> list[Visit | Exception]:
            notes = sealed_notes_here(store.vault, city, [(setting, one.body.note) for one, setting in meant])
            changes = [
                Change(LogVisit(one.body.entry(one.key), setting, note, mark), one.desk.actor, one.once)
                for (one, setting), note, mark in zip(meant, notes, marks, strict=True)
                if not isinstance(note, Exception)
            ]
            outcomes = iter(await commit_together(store, city, changes, log_visits))
            return [note if isinstance(note, Exception) else next(outcomes) for note in notes]

        outcomes = iter(await in_thread(self.store, commit))
        return [next(outcomes) if isinstance(setting, Setting) else setting for setting in settings]

    async def _settings(self, city: str, group: Sequence[Asked]) -> list[Setting | DomainError]:
        """What is known of each one's tandem, or why it cannot be logged."""

        async def read(store: Store) -> Known:
            known = Known(store.reader(city))
            await known.expect(one.body.tandem for one in group)
            return known

        known = await in_thread(self.store, read)
        settings: list[Setting | DomainError] = []
        for one in group:
            try:
                setting = await known.setting(one.body.tandem, one.body.date)
                require_setting(one.desk, setting)
                settings.append(setting)
            except DomainError as refusal:
                settings.append(refusal)
        return settings
