"""The policies of the programmes: each version a document of its own, added and never changed."""

from services.matching.domain.programme_policy import PolicyVersion, ProgrammePolicy, group_around
from services.matching.store.repositories import POLICIES
from shared.storage.documents import from_document, to_document
from shared.storage.mongo import Document
from shared.storage.work import Reader, Work


async def policy_of(reader: Reader, slug: str, day: str) -> ProgrammePolicy:
    """The policy of a programme that holds on a day; the default where nobody has set one."""
    found = await version_on(reader, slug, day)
    return ProgrammePolicy(slug) if found is None else found.policy


async def version_on(reader: Reader, slug: str, day: str) -> PolicyVersion | None:
    """The version that holds on a day; ``None`` for the default."""
    found = await _newest(reader, {"policy.programme": slug, "since": {"$lte": day}}, 1)
    return found[0] if found else None


async def versions_of(reader: Reader, slug: str, limit: int = 0) -> list[PolicyVersion]:
    """All versions of a programme's policy, or the newest ``limit`` of them; newest first."""
    return await _newest(reader, {"policy.programme": slug}, limit)


async def group_of(reader: Reader, slug: str, day: str, instead: ProgrammePolicy | None = None) -> tuple[str, ...]:
    """The programmes whose pool this one shares on a day, itself among them; the first one leads."""
    rules = {one: await policy_of(reader, one, day) for one in await sharing(reader, slug)}
    return group_around(slug, ({**rules, slug: instead} if instead else rules).values())


async def all_on(reader: Reader, day: str) -> list[ProgrammePolicy]:
    """The policies that hold on a day, of every programme that has ever set one."""
    rows = await reader.find(POLICIES, {"version": 1})
    return [await policy_of(reader, row["policy"]["programme"], day) for row in rows]


async def sharing(reader: Reader, slug: str) -> list[str]:
    """This programme and all that have ever shared a pool, by name."""
    rows = await reader.find(POLICIES, {"policy.shares": {"$ne": []}})
    return sorted({slug, *(row["policy"]["programme"] for row in rows)})


async def add(work: Work, version: PolicyVersion) -> None:
    """One more version; two at once are put one behind the other, for their ids are the same."""
    await work.insert(POLICIES, to_document(version))


async def _newest(reader: Reader, query: Document, limit: int) -> list[PolicyVersion]:
    rows = await reader.find(POLICIES, query, sort=[("version", -1)], limit=limit)
    return [from_document(PolicyVersion, row) for row in rows]
