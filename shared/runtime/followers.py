"""What every replica holds in memory: revoked tokens, and the erasures that its key caches must forget."""

from datetime import timedelta

from shared.contracts.registry import ErasureV1, RevocationV1
from shared.kernel.clock import read_instant
from shared.messaging.events import Event
from shared.messaging.kafka import Kafka
from shared.messaging.reading import Follower
from shared.security.revocations import RevokedSet
from shared.storage.store import Store

LONGEST_TOKEN = timedelta(minutes=20)


def followers(store: Store, kafka: Kafka, revoked: RevokedSet) -> list[Follower]:
    """The followers of revocations and erasures."""

    async def revoke(event: Event) -> None:
        state = event.state
        if not isinstance(state, RevocationV1):
            return
        if state.token is not None:
            revoked.revoke_token(event.city, state.token, int((store.clock() + LONGEST_TOKEN).timestamp()))
        if state.subject is not None and state.issued_before is not None:
            revoked.revoke_subject(event.city, state.subject, int(read_instant(state.issued_before).timestamp()))

    async def forget(event: Event) -> None:
        if isinstance(event.state, ErasureV1):
            await store.vault.forget(event.city)

    return [Follower(kafka, "registry.revocations.v1", revoke), Follower(kafka, "registry.erasures.v1", forget)]
