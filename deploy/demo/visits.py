"""Visits, as the mentors log them: some at once, others kept by a phone without network and sent three times."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from deploy.demo.client import PATIENCE, Client, UnexpectedAnswerError, mentor, together
from deploy.demo.days import VISITS
from deploy.demo.screen import Step
from deploy.demo.script import Script
from deploy.demo.settings import SETTINGS
from deploy.demo.world import Body, Tandem, World

WANTED: Final = 150
OFFLINE: Final = 4
"""Every fourth mentor had no network."""
TIMES: Final = 3
_MINUTES: Final = (30, 45, 60, 75, 90, 120, 150)
_CLOCK: Final = ("09:00", "10:30", "14:15", "16:00", "17:30")
_NOTE: Final = "Termin beim Amt vorbereitet; nächstes Mal Unterlagen mitbringen."
_KINDS: Final = {setting.programme: setting.kinds for setting in SETTINGS}
_SPECIAL: Final = {setting.special for setting in SETTINGS}


@dataclass(frozen=True, slots=True)
class Phone:
    """One mentor's entries."""

    city: str
    person: str
    offline: bool
    entries: tuple[Body, ...]


def plan_visits(script: Script, tandems: Sequence[Tandem]) -> list[Phone]:
    """About ``WANTED`` entries over all tandems, by the mentors who were there."""
    each, more = divmod(WANTED, len(tandems))
    entries: dict[tuple[str, str], list[Body]] = {}
    for number, tandem in enumerate(tandems):
        count = each + (number < more)
        mine = entries.setdefault((tandem.helper.city, tandem.helper.person), [])
        mine += [_entry(script, tandem) for _ in range(count)]
    return [
        Phone(city, person, number % OFFLINE == OFFLINE - 1, tuple(rows))
        for number, ((city, person), rows) in enumerate(entries.items())
    ]


def _entry(script: Script, tandem: Tandem) -> Body:
    people, days = script.people, script.days
    pick = people.random.choice
    needs = [topic for topic in tandem.guest.body["topics"] if topic not in _SPECIAL]
    entry: Body = {
        "id": people.id("vis"),
        "tandem": tandem.id,
        "kind": pick(_KINDS[tandem.guest.programme]),
        "date": days.at(people.random.uniform(*VISITS)),
        "minutes": pick(_MINUTES),
        "topics": people.some(tuple(needs), 2) if needs else [],
        "language": tandem.guest.language,
        "started_at": pick(_CLOCK),
    }
    if people.random.random() < 0.2:
        entry["note"] = _NOTE
    return entry


async def log_visits(client: Client, world: World, phones: Sequence[Phone], step: Step) -> None:
    """Every mentor with her own token; counts the answers."""
    step.total(sum(len(phone.entries) * (TIMES if phone.offline else 1) for phone in phones))
    programmes = {tandem.id: tandem.guest.programme for tandem in world.tandems}
    await together([_log(client, world, phone, step) for phone in phones])
    for phone in phones:
        for entry in phone.entries:
            world.count(programmes[entry["tandem"]], "visits")
    answers = world.visits.answers
    kept = sum(len(phone.entries) for phone in phones if phone.offline)
    step.tell(
        f"{world.visits.sent} entries sent ({kept} of them {TIMES} times), {answers['stored']} stored, "
        f"{answers['duplicate']} answered as duplicates"
    )


async def _log(client: Client, world: World, phone: Phone, step: Step) -> None:
    caller, base = mentor(phone.city, phone.person), f"cities/{phone.city}/visits"
    if not phone.offline:
        for entry in phone.entries:
            await client.post(caller, "visits", base, entry)
            world.visits.sent += 1
            world.visits.answers["stored"] += 1
            step.advance()
        return
    for _ in range(TIMES):
        for row in await _send(client, phone):
            _count(world, row)
            step.advance()


async def _send(client: Client, phone: Phone) -> list[Body]:
    """The last answer to each entry: what has not arrived yet is sent again by itself, as a phone would."""
    caller, path = mentor(phone.city, phone.person), f"cities/{phone.city}/visits:batch"
    left, answered, deadline = list(phone.entries), list[Body](), time.monotonic() + PATIENCE
    while left:
        rows = (await client.post(caller, "visits", path, left))["entries"]
        again = [entry for entry, row in zip(left, rows, strict=True) if row.get("retry")]
        if again and time.monotonic() < deadline:
            rows = [row for row in rows if not row.get("retry")]
            client.waited += 1
            await asyncio.sleep(1.0)
        else:
            again = []
        answered += rows
        left = again
    return answered


def _count(world: World, row: dict[str, Any]) -> None:
    if row["answer"] not in ("stored", "duplicate"):
        raise UnexpectedAnswerError(f"visits: an entry of a phone was answered {row['answer']} {row.get('code', '')}")
    world.visits.sent += 1
    world.visits.answers[row["answer"]] += 1
