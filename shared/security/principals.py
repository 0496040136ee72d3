"""Who calls, with which grants, and who is written down as the one who acted."""

from dataclasses import dataclass, field

from shared.observability import tracing

ASSOCIATION = "association"
CITY = "city"
COORDINATOR = "coordinator"
MENTOR = "mentor"
PARTNER = "partner"
AUDITOR = "auditor"
SERVICE = "service"

# From the weakest to the strongest: the audit names the weakest role that allowed an act.
ROLES: tuple[str, ...] = (MENTOR, PARTNER, AUDITOR, COORDINATOR, CITY, ASSOCIATION, SERVICE)
WITHOUT_CITY = frozenset({ASSOCIATION, SERVICE})


@dataclass(frozen=True, slots=True)
class Grant:
    """One role in one city. Empty ``programmes`` or ``sites`` and no ``carrier`` mean: not limited to some of them."""

    role: str
    city: str | None = None
    carrier: str | None = None
    programmes: frozenset[str] = frozenset()
    sites: frozenset[str] = frozenset()
    organisation: str | None = None


@dataclass(frozen=True, slots=True)
class Principal:
    """The bearer of a verified token. ``person`` is set for mentors; ``issued`` and ``expires`` are Unix seconds."""

    subject: str
    grants: tuple[Grant, ...] = ()
    person: str | None = None
    scope: str = ""
    token_id: str = ""
    issued: int = 0
    expires: int = 0


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, for audit and events: a token's subject or ``service/<name>``, and the weakest role that allowed it.

    ``trace`` is the ``traceparent`` of what led to the act, taken where the actor is named: the act itself may be done
    in another task, together with others.
    """

    subject: str
    role: str
    correlation: str
    purpose: str = ""
    trace: str = field(default_factory=tracing.current, compare=False)
