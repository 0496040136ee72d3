"""Sealing under one key per subject, in a key vault per service and city (MongoDB's client-side encryption).

The library goes on using a deleted key from its own cache for up to a minute; therefore an erasure replaces the
encryption object of the city in this process, and every other process is told to do the same.
"""

import asyncio
import json
import os
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from bson.binary import Binary
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from shared.kernel.errors import SealBroken
from shared.kernel.sealed import Sealed
from shared.observability import metrics as names
from shared.observability.points import reached
from shared.storage.keys_here import KeysHere, MongoCryptError
from shared.storage.mongo import (
    DUPLICATE,
    BulkWriteError,
    DuplicateKeyError,
    Encryption,
    EncryptionError,
    Mongo,
    MongoFault,
)

ALGORITHM: Final = "AEAD_AES_256_CBC_HMAC_SHA_512-Random"
CITY_SUBJECT: Final = "_city"
_ENCRYPTED_SUBTYPE: Final = 6
_MANY: Final = 3
"""From so many on one read of keys is cheaper than the library's own, which it keeps for a minute."""


class Vault:
    """Seals and opens for one service. Keys are made on first need; an orphan key is harmless."""

    def __init__(self, mongo: Mongo, master_key: bytes) -> None:
        self._mongo = mongo
        self._master_key = master_key
        self._encryption: dict[str, Encryption] = {}
        self._known: dict[str, set[str]] = {}
        self._secrets: dict[str, bytes] = {}
        self._city_keys: dict[tuple[str, str], bytes] = {}

    async def seal(self, city: str, subject: str, plain: Mapping[str, Any]) -> Sealed:
        """``plain`` under the key of ``subject``. The subject stands inside, so that a moved value is found out."""
        await self._need_key(city, subject)
        blob = await self._of(city).encrypt(_text(subject, plain), ALGORITHM, key_alt_name=subject)
        return Sealed(subject, bytes(blob))

    async def need_keys(self, city: str, subjects: Iterable[str]) -> None:
        """Makes those keys that are not there, before ``seal_here`` is asked to use them."""
        for subject in dict.fromkeys(subjects):
            await self._need_key(city, subject)

    def seal_here(self, city: str, plains: Sequence[tuple[str, Mapping[str, Any]]]) -> list[Sealed | MongoFault]:
        """As ``seal``, many values (each with its subject), in this thread, which it blocks.

        A hand-over between threads for each value costs several times what sealing it does. Where one cannot be sealed,
        its fault stands in its place: an erasure may take a key, or this process's cache of keys, at any moment.
        """
        return [self._sealed_here(city, subject, plain) for subject, plain in plains]

    def _sealed_here(self, city: str, subject: str, plain: Mapping[str, Any]) -> Sealed | MongoFault:
        text = _text(subject, plain)
        encryption = self._of(city)
        while True:
            try:
                return Sealed(subject, bytes(encryption.delegate.encrypt(text, ALGORITHM, key_alt_name=subject)))
            except MongoFault as fault:
                former, encryption = encryption, self._of(city)
                if encryption is former:
                    return fault

    def seal_new_here(self, city: str, plains: Sequence[tuple[str, Mapping[str, Any]]]) -> list[Sealed | MongoFault]:
        """As ``seal_here``, for subjects of whom hardly any has a key yet: all missing ones are made at once.

        Where somebody else makes the same key meanwhile, that one is used.
        """
        known, keys = self._known.setdefault(city, set()), self._mongo.city(city)["keys"].delegate
        asked = {"keyAltNames": {"$in": [subject for subject, _ in plains]}}
        known.update(name for row in keys.find(asked, {"keyAltNames": 1}) for name in row["keyAltNames"])
        maker = KeysHere(self._master_key)
        made: dict[str, tuple[int, Mapping[str, Any], bytes]] = {}
        for number, (subject, plain) in enumerate(plains):
            if subject not in known and subject not in made:
                made[subject] = (number, *maker.seal_new(subject, _text(subject, plain), ALGORITHM))
        self._mongo.metrics.count(names.KEY_CACHE, len(made), result="miss")
        lost = _store_new(keys, [key for _, key, _ in made.values()])
        known.update(made)
        sealed = {number: blob for subject, (number, _, blob) in made.items() if subject not in lost}
        return [
            Sealed(subject, sealed[number]) if number in sealed else self._sealed_here(city, subject, plain)
            for number, (subject, plain) in enumerate(plains)
        ]

    async def open(self, city: str, sealed: Sealed) -> dict[str, Any]:
        """What was sealed. Raises ``SealBroken`` where the key is destroyed, or the value was moved or changed."""
        try:
            text = await self._of(city).decrypt(Binary(sealed.blob, _ENCRYPTED_SUBTYPE))
        except EncryptionError as fault:
            raise SealBroken("sealed-value-unreadable") from fault
        return _plain(sealed, text)

    async def open_all(self, city: str, those: Sequence[Sealed]) -> list[dict[str, Any]]:
        """As ``open``, many values with one read of their keys. Raises where one of them cannot be opened."""
        if len(those) < _MANY:
            return [await self.open(city, sealed) for sealed in those]
        asked = {"keyAltNames": {"$in": [sealed.subject for sealed in those]}}
        keys = await self._mongo.city(city)["keys"].find(asked).to_list(None)
        return await asyncio.to_thread(self._open_here, keys, those)

    def _open_here(self, keys: Sequence[Mapping[str, Any]], those: Sequence[Sealed]) -> list[dict[str, Any]]:
        opener = KeysHere(self._master_key, keys)
        try:
            texts = [opener.open(Binary(sealed.blob, _ENCRYPTED_SUBTYPE)) for sealed in those]
        except MongoCryptError as fault:
            raise SealBroken("sealed-value-unreadable") from fault
        return [_plain(sealed, text) for sealed, text in zip(those, texts, strict=True)]

    async def destroy(self, city: str, subject: str) -> bool:
        """Destroys the subject's key; may be repeated. Says whether there was one."""
        result = await self._mongo.city(city)["keys"].delete_one({"keyAltNames": subject})
        reached("vault.key-destroyed")
        await self.forget(city)
        return result.deleted_count == 1

    async def forget(self, city: str) -> None:
        """Drops what this process has cached of the city's keys."""
        self._known.pop(city, None)
        encryption = self._encryption.pop(city, None)
        if encryption is not None:
            await encryption.close()

    async def city_key(self, city: str, use: str) -> bytes:
        """32 bytes for one use (``special``, ``idempotency``, ``search``, ``cursor``, ``certificate``): a city's own.

        They are the same for ever.
        """
        if (city, use) not in self._city_keys:
            if city not in self._secrets:
                self._secrets[city] = await self._city_secret(city)
            derivation = HKDF(algorithm=SHA256(), length=32, salt=None, info=use.encode())
            self._city_keys[city, use] = derivation.derive(self._secrets[city])
        return self._city_keys[city, use]

    async def prepare(self, city: str) -> None:
        """Makes the city's key vault; may be repeated."""
        await self._mongo.city(city)["keys"].create_index(
            "keyAltNames", unique=True, partialFilterExpression={"keyAltNames": {"$exists": True}}
        )

    async def _city_secret(self, city: str) -> bytes:
        secrets = self._mongo.city(city)["secrets"]
        found = await secrets.find_one({"_id": CITY_SUBJECT})
        if found is None:
            sealed = await self.seal(city, CITY_SUBJECT, {"secret": os.urandom(32).hex()})
            try:
                await secrets.insert_one({"_id": CITY_SUBJECT, "blob": sealed.blob})
            except DuplicateKeyError:
                found = await secrets.find_one({"_id": CITY_SUBJECT})
            else:
                found = {"blob": sealed.blob}
        if found is None:
            raise SealBroken("city-secret-lost")
        plain = await self.open(city, Sealed(CITY_SUBJECT, bytes(found["blob"])))
        return bytes.fromhex(plain["secret"])

    async def _need_key(self, city: str, subject: str) -> None:
        known = self._known.setdefault(city, set())
        hit = subject in known
        self._mongo.metrics.count(names.KEY_CACHE, result="hit" if hit else "miss")
        if hit:
            return
        keys = self._mongo.city(city)["keys"]
        if await keys.find_one({"keyAltNames": subject}, {"_id": 1}) is None:
            try:
                await self._of(city).create_data_key("local", key_alt_names=[subject])
            except (DuplicateKeyError, EncryptionError) as fault:
                # Two at once made the key; the unique index let one of them in.
                if await keys.find_one({"keyAltNames": subject}, {"_id": 1}) is None:
                    raise SealBroken("key-not-made") from fault
        known.add(subject)

    def _of(self, city: str) -> Encryption:
        if city not in self._encryption:
            self._encryption[city] = self._mongo.encryption(city, self._master_key)
        return self._encryption[city]


def _text(subject: str, plain: Mapping[str, Any]) -> str:
    return json.dumps({"_subject": subject, **plain}, ensure_ascii=False, sort_keys=True)


def _plain(sealed: Sealed, text: str) -> dict[str, Any]:
    plain: dict[str, Any] = json.loads(text)
    if plain.pop("_subject", None) != sealed.subject:
        raise SealBroken("sealed-value-moved")
    return plain


def _store_new(keys: Any, documents: Sequence[Mapping[str, Any]]) -> frozenset[str]:
    """Stores keys; gives the subjects for whom somebody else stored one first."""
    try:
        if documents:
            keys.insert_many(documents, ordered=False)
    except BulkWriteError as fault:
        refused = fault.details["writeErrors"]
        if any(error["code"] != DUPLICATE for error in refused):
            raise
        return frozenset(error["op"]["keyAltNames"][0] for error in refused)
    return frozenset()
