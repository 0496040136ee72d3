"""One request under way: what the gates found out about it, kept in its ASGI scope."""

from dataclasses import dataclass, field
from typing import Any

from starlette.types import Scope as AsgiScope

from shared.security.grants import Permission
from shared.security.principals import Principal

_KEY = "tueroeffner.exchange"


@dataclass(slots=True)
class Exchange:
    """Filled step by step: envelope (correlation, language), token gate (principal), route (the rest)."""

    service: str
    correlation: str
    language: str
    principal: Principal | None = None
    permission: Permission | None = None
    versioned: bool = False
    conditional: bool = False
    """Whether the route takes ``If-Match`` and can do without."""
    named_city: str | None = None
    """What the path names; ``city`` is the same once it is known to be served and the caller's."""
    city: str | None = None
    role: str = ""
    template: str = ""
    raw: bytes = b""
    content: Any = None
    headers: dict[str, str] = field(default_factory=dict)


def begin(scope: AsgiScope, exchange: Exchange) -> None:
    """Puts the exchange into the scope."""
    scope[_KEY] = exchange


def find_exchange(scope: AsgiScope) -> Exchange | None:
    """The exchange of a request, or ``None`` in front of the envelope."""
    exchange: Exchange | None = scope.get(_KEY)
    return exchange


def exchange_of(scope: AsgiScope) -> Exchange:
    """The exchange of a request; there is always one behind the envelope."""
    exchange: Exchange = scope[_KEY]
    return exchange
