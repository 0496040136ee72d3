"""Many decisions in one request: each is judged, run and answered by itself, in a transaction of its own."""

from collections.abc import Sequence
from typing import Any, Final

from pydantic import BaseModel, Field, ValidationError

from services.matching.api.bodies.proposals import AcceptBody, AnswerBody, Decided, ProposeBody, RejectBody
from services.matching.api.deciding import accepting, answering, proposing, rejecting
from services.matching.domain.proposals import Proposal
from services.matching.domain.tandems import Tandem
from shared.kernel.errors import Conflict, DomainError, Finding, VersionLost
from shared.storage.audit import AuditEntry
from shared.storage.work import Work
from shared.web.denials import is_denial
from shared.web.desk import RequestDesk
from shared.web.findings import findings_of

_ACTS: Final[dict[str, tuple[type[BaseModel], Any]]] = {
    "accept": (AcceptBody, accepting),
    "answer": (AnswerBody, answering),
    "propose": (ProposeBody, proposing),
    "reject": (RejectBody, rejecting),
}
_HEAD: Final = ("id", "version", "act")


class DecidedView(BaseModel):
    """What became of one decision; ``stored_version`` is the proposal's by now, ``tandem`` what an accept began."""

    id: str | None
    answer: str = Field(examples=["stored"])
    state: str | None = None
    stored_version: int | None = Field(default=None, examples=[2])
    tandem: str | None = None
    code: str | None = None
    errors: list[dict[str, str]] = Field(default_factory=list)


class ManyView(BaseModel):
    """One answer per decision, in their order."""

    decisions: list[DecidedView]


async def decide_each(desk: RequestDesk, decisions: Sequence[object]) -> list[DecidedView]:
    """One answer each; what is of no right form is refused and holds up nothing that lies beside it."""
    return [await _decide(desk, entry) for entry in decisions]


async def _decide(desk: RequestDesk, entry: object) -> DecidedView:
    if not isinstance(entry, dict):
        return _refused(None, "invalid", (Finding("", "wrong-type", "object"),))
    try:
        head = Decided.model_validate({name: entry[name] for name in _HEAD if name in entry})
        kind, prepare = _ACTS[head.act]
        body = kind.model_validate({name: value for name, value in entry.items() if name not in _HEAD})
    except ValidationError as error:
        return _refused(entry.get("id"), "invalid", findings_of(error.errors(), entry))
    try:
        run = await prepare(desk, head.id, body)

        async def in_this_version(work: Work) -> Proposal | Tandem:
            work.demand(head.id, head.version)
            done: Proposal | Tandem = await run(work)
            return done

        return _stored(head, await desk.store.transact(desk.city, desk.actor, in_this_version))
    except (Conflict, VersionLost) as error:
        version = error.params.get("version")
        known = version if isinstance(version, int) else None
        return DecidedView(id=head.id, answer="conflict", code=error.code, stored_version=known)
    except DomainError as error:
        if not is_denial(error):
            return _refused(head.id, error.code, error.findings)
        await desk.store.note(desk.city, desk.actor, AuditEntry(desk.permission.code, "not-found", outcome="denied"))
        return _refused(head.id, "not-found", ())


def _stored(head: Decided, done: Proposal | Tandem) -> DecidedView:
    if isinstance(done, Tandem):
        return DecidedView(
            id=head.id, answer="stored", state="accepted", stored_version=head.version + 1, tandem=done.id
        )
    return DecidedView(id=head.id, answer="stored", state=done.state, stored_version=done.version)


def _refused(key: object, code: str, findings: tuple[Finding, ...]) -> DecidedView:
    errors = [{"pointer": one.pointer, "code": one.code, "expected": one.expected} for one in findings]
    known = key if isinstance(key, str) and len(key) <= 40 else None
    return DecidedView(id=known, answer="refused", code=code, errors=errors)
