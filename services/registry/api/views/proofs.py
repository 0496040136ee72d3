"""Views of proofs, of what a role needs, and of where somebody stands with it."""

from collections.abc import Callable

from pydantic import BaseModel, Field

from services.registry.api.permissions import PROVE, STEER
from services.registry.domain.engagements import Clearance, Engagement
from services.registry.domain.places import Programme
from services.registry.domain.proofs import NEVER, Need, Proof
from shared.web.bodies import View
from shared.web.desk import RequestDesk


class ProofView(View):
    """That a proof was seen."""

    person: str
    kind: str = Field(examples=["confidentiality"])
    dated_on: str
    seen_on: str
    seen_by: str = Field(description="Whose token it was.")
    recorded_at: str


class NeedView(BaseModel):
    """A proof that is needed, and how old it may be."""

    kind: str = Field(examples=["clearance"])
    months: int | None = Field(examples=[60])


class RoleView(BaseModel):
    """What a role needs from a day on, as recorded."""

    role: str = Field(examples=["stadtteilmutter"])
    site: str | None = Field(None, description="What is needed besides, at this site only.")
    since: str | None = Field(description="Null for what holds as long as nobody has said anything.")
    needs: list[NeedView]
    recorded_at: str | None


class RequirementsView(View):
    """What a programme's roles need on a day, as known at an instant; every rule ever recorded; how long is kept."""

    on: str
    known_at: str | None
    roles: list[RoleView]
    rules: list[RoleView]
    unused_months: int
    kept_months: int


class ClearanceView(BaseModel):
    """All that is kept of a certificate of good conduct."""

    issued_on: str
    seen_on: str
    seen_by: str = Field(description="Whose token it was.")
    nothing_relevant: bool


class StandingView(BaseModel):
    """A proof that is needed and where it stands; ``until`` is the day from which it holds no longer."""

    kind: str = Field(examples=["measles"])
    state: str = Field(examples=["missing"], description="missing, holds or ended")
    until: str | None


def proof_view(desk: RequestDesk) -> Callable[[Proof], ProofView]:
    """The view of a proof for this token."""
    actions = ["withdraw"] if desk.may(PROVE) else []

    def view(proof: Proof) -> ProofView:
        return ProofView(
            id=proof.id,
            version=proof.version,
            actions=actions,
            person=proof.person,
            kind=proof.kind,
            dated_on=proof.dated_on,
            seen_on=proof.seen_on,
            seen_by=proof.seen_by,
            recorded_at=proof.recorded_at,
        )

    return view


def requirements_view(desk: RequestDesk, on: str, known_at: str | None) -> Callable[[Programme], RequirementsView]:
    """What is needed on a day, as known at an instant."""

    def view(programme: Programme) -> RequirementsView:
        rules = programme.proofs
        known = [rule for rule in rules.recorded if known_at is None or rule.recorded_at <= known_at]
        steers = desk.may(STEER, programme=programme.id)
        return RequirementsView(
            id=programme.id,
            version=programme.version,
            actions=["require", "change"] if steers else [],
            on=on,
            known_at=known_at,
            roles=[
                _role_on(programme, role, site or None, on, known_at)
                for role, site in sorted({(rule.role, rule.site or "") for rule in known})
            ],
            rules=[
                RoleView(
                    role=rule.role,
                    site=rule.site,
                    since=rule.since,
                    needs=_needs(rule.needs),
                    recorded_at=rule.recorded_at,
                )
                for rule in known
            ],
            unused_months=rules.unused_months,
            kept_months=rules.kept_months,
        )

    return view


def clearance_view(engagement: Engagement) -> ClearanceView | None:
    """What was recorded of the certificate; for those only who may record it."""
    return None if engagement.clearance is None else _seen(engagement.clearance)


def earlier_clearances(engagement: Engagement) -> list[ClearanceView]:
    """Those that were issued before the one that stands; for those only who may record it."""
    return [_seen(one) for one in engagement.earlier_clearances]


def _seen(seen: Clearance) -> ClearanceView:
    return ClearanceView(
        issued_on=seen.issued_on, seen_on=seen.seen_on, seen_by=seen.seen_by, nothing_relevant=seen.nothing_relevant
    )


def standings(engagement: Engagement, programme: Programme, day: str) -> list[StandingView]:
    """Every proof that is needed on a day."""
    needed = programme.proofs.needs(engagement.role, day, None, engagement.sites)
    return [_standing(need, engagement.held, day) for need in needed]


def _standing(need: Need, held: dict[str, str], day: str) -> StandingView:
    if need.kind not in held:
        return StandingView(kind=need.kind, state="missing", until=None)
    until = need.until(held[need.kind])
    state = "ended" if until <= day else "holds"
    return StandingView(kind=need.kind, state=state, until=None if until == NEVER else until)


def _role_on(programme: Programme, role: str, site: str | None, on: str, known_at: str | None) -> RoleView:
    begun = [entry for entry in programme.proofs.timeline(role, known_at, site) if entry.since <= on]
    there = begun[-1].value if begun else ()
    needs = programme.proofs.needs(role, on, known_at) if site is None else there
    since = begun[-1].since if begun else None
    return RoleView(role=role, site=site, since=since, needs=_needs(needs), recorded_at=None)


def _needs(needs: tuple[Need, ...]) -> list[NeedView]:
    return [NeedView(kind=need.kind, months=need.months) for need in needs]
