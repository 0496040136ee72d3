"""A projection's next generation: in each city a collection beside the live one, until it takes its place."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from shared.messaging.events import Event
from shared.messaging.projection import Poll, Reaction
from shared.storage.mongo import Collection, Document, Mongo, MongoFault

_NO_SUCH_COLLECTION: Final = 26
_ALREADY_THERE: Final = 48
_NEWER_WINS: Final[list[Document]] = [
    {"$replaceWith": {"$cond": [{"$gt": ["$$new.sequence", "$sequence"]}, "$$new", "$$ROOT"]}}
]


def name_of(collection: str, generation: int) -> str:
    """The name of a generation that is being filled."""
    return f"{collection}_r{generation}"


@dataclass(slots=True)
class GenerationPoll(Poll):
    """Writes into a generation that nobody reads yet, outside of any transaction.

    It asks for nothing: what these events asked for was asked when the live generation took them.
    """

    generation: int = 0

    def collection(self, city: str, name: str) -> Collection:
        """See ``Poll.collection``."""
        return self.mongo.city(city)[name_of(name, self.generation)]

    def react(self, event: Event, reaction: Reaction) -> None:
        """See the class."""


async def create(mongo: Mongo, city: str, collection: str, generation: int) -> None:
    """Makes the generation's collection, without indexes; may be repeated."""
    try:
        await mongo.city(city).create_collection(name_of(collection, generation), check_exists=False)
    except MongoFault as fault:
        if getattr(fault, "code", None) != _ALREADY_THERE:
            raise


async def copy_indexes(mongo: Mongo, city: str, collection: str, generation: int) -> None:
    """Gives the generation the indexes that the live collection has; may be repeated."""
    database = mongo.city(city)
    indexes = [dict(index) async for index in database[collection].list_indexes()]
    own = [index for index in indexes if index["name"] != "_id_"]
    if own:
        await database.command({"createIndexes": name_of(collection, generation), "indexes": own})


async def carry_marks(mongo: Mongo, city: str, collection: str, generation: int) -> None:
    """Copies the marks of what was erased: the tombstone may have left Kafka since, a late duplicate may still come."""
    merge = {"into": name_of(collection, generation), "on": "_id", "whenMatched": _NEWER_WINS}
    pipeline: list[Document] = [{"$match": {"erased": True}}, {"$merge": {**merge, "whenNotMatched": "insert"}}]
    await mongo.city(city)[collection].aggregate(pipeline).to_list(None)


async def take_place(mongo: Mongo, city: str, collection: str, generation: int) -> None:
    """Lets the generation be the live one, at once and for good; may be repeated."""
    try:
        await mongo.city(city)[name_of(collection, generation)].rename(collection, dropTarget=True)
    except MongoFault as fault:
        if getattr(fault, "code", None) != _NO_SUCH_COLLECTION:
            raise


async def drop_unfinished(mongo: Mongo, cities: Sequence[str], collection: str) -> None:
    """Drops what interrupted rebuilds left."""
    pattern = {"name": {"$regex": f"^{re.escape(collection)}_r[0-9]+$"}}
    for city in cities:
        for name in await mongo.city(city).list_collection_names(filter=pattern):
            await mongo.city(city).drop_collection(name)
