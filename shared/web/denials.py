"""What was refused for want of a grant: counted at once, written into the city's audit after the answer has left.

Afterwards, so that a thing of somebody else takes no longer to be refused than one that is not there.
"""

from shared.kernel.errors import DomainError, Forbidden
from shared.observability import logs
from shared.observability import metrics as names
from shared.observability.metrics import Metrics
from shared.security.grants import Invisible, InvisibleReference
from shared.security.principals import Actor
from shared.storage.audit import AuditEntry
from shared.storage.mongo import MongoFault
from shared.storage.store import Store
from shared.web.exchange import Exchange
from shared.web.served import ServedCities

log = logs.get_logger(__name__)


def is_denial(error: DomainError) -> bool:
    """Whether it was refused because of who asked."""
    return isinstance(error, Forbidden | Invisible | InvisibleReference)


class Denials:
    """Counts and audits denials. A city that is not served here has no audit: such a denial is counted only."""

    def __init__(self, store: Store, metrics: Metrics, cities: ServedCities) -> None:
        self._store = store
        self._metrics = metrics
        self._cities = cities

    async def note(self, exchange: Exchange, error: DomainError) -> None:
        """Best effort: while storage is away the denial stands and the log says that it is not in the audit."""
        code = "not-found" if isinstance(error, InvisibleReference) else error.code
        self._metrics.count(names.ACCESS_DENIED, code=code)
        city = exchange.named_city
        if city is None or exchange.principal is None:
            return
        action = exchange.permission.code if exchange.permission is not None else "city.enter"
        actor = Actor(exchange.principal.subject, exchange.role, exchange.correlation)
        try:
            if exchange.city is not None or await self._cities.serves(city):
                await self._store.note(city, actor, AuditEntry(action, code, outcome="denied"))
        except MongoFault as fault:
            log.warning("denial-not-audited", error=type(fault).__name__, correlation=exchange.correlation)
