"""Compares what clients were told with what the services keep, what Kafka tells and what the others made of it.

Every check gives findings in words; none is good. Topics must not be compacted meanwhile: the whole log is judged.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from shared.contracts.catalog import BY_NAME
from shared.messaging.projection import Mirror, Projection
from shared.storage.chain import oldest_unchained, verify_city
from shared.storage.mongo import Mongo
from tests.chaos.history import History
from tests.chaos.tape import Log, Tape

KEPT: Final[Mapping[str, str]] = {
    "visits.visits.v1": "visits",
    "registry.engagements.v1": "engagements",
    "matching.tandems.v1": "tandems",
}
"""In which collection of its owner the aggregates of a topic are."""
_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Checker:
    """One city, that of the tape. ``projections`` are those of each service that runs."""

    tape: Tape
    mongos: Mapping[str, Mongo]
    projections: Mapping[str, Sequence[Projection]]

    @property
    def city(self) -> str:
        """Whom it looks at."""
        return self.tape.city

    async def at_rest(self) -> bool:
        """Whether nothing is under way: outboxes and reactions empty, audit chained and whole, projections equal."""
        for mongo in self.mongos.values():
            if await mongo.city(self.city)["outbox"].find_one({}) is not None:
                return False
            if await mongo.runtime()["reactions"].find_one({"city": self.city}) is not None:
                return False
            if await oldest_unchained(mongo, self.city) is not None:
                return False
        return not await self._audit() and not await self._projections(await self._logs())

    async def findings(self, history: History) -> list[str]:
        """Everything that is not as it must be, now that nothing is under way."""
        logs = await self._logs()
        found = await self._projections(logs) + await self._dead_letters() + await self._audit()
        for topic, collection in KEPT.items():
            documents = await self._documents(topic.split(".")[0], collection)
            found += self._stored(topic, documents, history)
            found += self._told(topic, documents, logs[topic])
            found += await self._done_once(topic, documents)
        found += self._contents(logs["visits.visits.v1"], history)
        return found

    def _stored(self, topic: str, documents: Mapping[str, Any], history: History) -> list[str]:
        """Every acknowledged version is there, and nothing that nobody asked for."""
        owed = {key: version for (name, key), version in history.versions.items() if name == topic}
        asked = {key for name, key in history.sent if name == topic}
        lost = [key for key, version in owed.items() if key not in documents or documents[key]["version"] < version]
        beyond = [key for key, row in documents.items() if key in owed and row["version"] > owed[key]]
        return _some(f"{topic}: acknowledged and lost", lost) + _some(
            f"{topic}: stored and never asked for", [*sorted(set(documents) - asked), *beyond]
        )

    def _told(self, topic: str, documents: Mapping[str, Any], log: Log) -> list[str]:
        """The log of each aggregate has each version as one event, in order, and ends with the stored one."""
        found = _some(f"{topic}: told and not stored", set(log) - set(documents))
        found += _some(f"{topic}: stored and not told", set(documents) - set(log))
        for key, events in log.items():
            firsts = list(dict.fromkeys((event.sequence, event.id) for event in events))
            expected = list(range(1, documents.get(key, {"version": 0})["version"] + 1))
            if [sequence for sequence, _ in firsts] != expected:
                found.append(f"{topic}: {key} was told as {[sequence for sequence, _ in firsts]}, not {expected}")
            elif events[-1].sequence != expected[-1]:
                found.append(f"{topic}: the last word on {key} is version {events[-1].sequence}, not {expected[-1]}")
        return found

    async def _done_once(self, topic: str, documents: Mapping[str, Any]) -> list[str]:
        """Each version was made by one act: as many audit rows as versions."""
        service, noun = topic.split(".", maxsplit=1)[0], BY_NAME[topic].noun
        pipeline: list[dict[str, Any]] = [
            {"$match": {"action": {"$regex": f"^{noun}\\."}, "outcome": "done", "object": {"$in": list(documents)}}},
            {"$group": {"_id": "$object", "acts": {"$sum": 1}}},
        ]
        rows = await self.mongos[service].city(self.city)["audit"].aggregate(pipeline).to_list(None)
        acts = {row["_id"]: row["acts"] for row in rows}
        wrong = [key for key, document in documents.items() if acts.get(key, 0) != document["version"]]
        return _some(f"{topic}: not as many acts as versions", wrong)

    def _contents(self, log: Log, history: History) -> list[str]:
        """The last event of each visit says what was sent last."""
        said = {key: getattr(events[-1].state, "minutes", None) for key, events in log.items()}
        return _some(
            "visits: other minutes than were sent",
            [key for key, minutes in history.minutes.items() if said.get(key) != minutes],
        )

    async def _projections(self, logs: Mapping[str, Log]) -> list[str]:
        """Each mirror equals what the log says; a mirror that went backwards, or missed one, differs."""
        found: list[str] = []
        for service, projections in self.projections.items():
            for projection in projections:
                if isinstance(projection, Mirror):
                    wanted = _mirrored(projection, logs[projection.topic.name])
                    kept = await self._documents(service, projection.collection)
                    differing = [key for key in wanted.keys() | kept.keys() if wanted.get(key) != kept.get(key)]
                    found += _some(f"{service}.{projection.collection} differs from the log", differing)
        return found

    async def _dead_letters(self) -> list[str]:
        counts = {
            name: await mongo.runtime()["dead_letters"].count_documents({}) for name, mongo in self.mongos.items()
        }
        return [f"{name}: {count} dead letters" for name, count in counts.items() if count]

    async def _audit(self) -> list[str]:
        found = {name: await verify_city(mongo, self.city) for name, mongo in self.mongos.items()}
        return [f"{name}: audit {finding.code} at {finding.number}" for name, all_ in found.items() for finding in all_]

    async def _documents(self, service: str, collection: str) -> dict[str, Any]:
        rows = await self.mongos[service].city(self.city)[collection].find({}).to_list(None)
        return {row["_id"]: row for row in rows}

    async def _logs(self) -> dict[str, Log]:
        names = {projection.topic.name for every in self.projections.values() for projection in every} | set(KEPT)
        return await self.tape.read(names)


def _mirrored(mirror: Mirror, log: Log) -> dict[str, Any]:
    newest = {key: max(events, key=lambda event: event.sequence) for key, events in log.items()}
    return {
        key: (mirror.keep(event.state) if event.state is not None else {})
        | {"_id": key, "sequence": event.sequence, "erased": event.state is None}
        for key, event in newest.items()
    }


def _some(what: str, keys: Iterable[str]) -> list[str]:
    every = sorted(keys)
    return [f"{what}: {len(every)}, such as {every[:_SHOWN]}"] if every else []
