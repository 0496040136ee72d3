"""Leases on a real MongoDB: one holder at a time, and given up at once."""

from shared.storage.leases import Leases
from shared.storage.mongo import Mongo


async def test_lease_given_up_is_free_at_once_and_its_fence_has_grown(registry_mongo: Mongo) -> None:
    first, second = Leases(registry_mongo, "first", 60_000), Leases(registry_mongo, "second", 60_000)
    held = await first.take("only-one")
    assert held is not None
    assert await second.take("only-one") is None
    await second.release("only-one")
    assert await second.take("only-one") is None
    await first.release("only-one")
    taken = await second.take("only-one")
    assert taken is not None
    assert taken.fence > held.fence
