"""Sealing under many new keys, and opening under many that were read, without a word to the server for each.

The driver's encryption makes a key, stores it, reads it again and seals: four steps for each subject, of which three
wait for the server; and it reads each key by itself to open. Here the same library (libmongocrypt) works on keys that
are in memory; whoever asks reads or stores them all at once.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final, NoReturn

from bson import decode, encode
from bson.binary import Binary, UuidRepresentation
from bson.codec_options import CodecOptions
from pymongocrypt.errors import MongoCryptError
from pymongocrypt.mongocrypt import MongoCryptOptions
from pymongocrypt.synchronous.explicit_encrypter import ExplicitEncrypter
from pymongocrypt.synchronous.state_machine import MongoCryptCallback

__all__ = ["KeysHere", "MongoCryptError"]

_PROVIDER: Final = "local"
_STANDARD: Final = CodecOptions[dict[str, Any]](uuid_representation=UuidRepresentation.STANDARD)


class KeysHere:
    """Keys under one master key: those that are given, and those that it makes, which are stored by nobody yet."""

    def __init__(self, master_key: bytes, documents: Iterable[Mapping[str, Any]] = ()) -> None:
        self._memory = _Memory(encode(document, codec_options=_STANDARD) for document in documents)
        self._crypt = ExplicitEncrypter(self._memory, MongoCryptOptions({_PROVIDER: {"key": master_key}}, None))

    def seal_new(self, subject: str, text: str, algorithm: str) -> tuple[dict[str, Any], bytes]:
        """The document of a new key for ``subject``, and ``text`` sealed under it."""
        key = self._crypt.create_data_key(_PROVIDER, key_alt_names=[subject])
        blob = decode(self._crypt.encrypt(encode({"v": text}), algorithm, key_id=bytes(key)))["v"]
        return decode(self._memory.keys[key]), bytes(blob)

    def open(self, blob: Binary) -> str:
        """What was sealed. Raises the library's fault where the key is not here, or the value was changed."""
        text: str = decode(self._crypt.decrypt(encode({"v": blob})))["v"]
        return text


class _Memory(MongoCryptCallback):  # type: ignore[misc]  # the library has no types
    """Where the library believes to find its key vault."""

    def __init__(self, keys: Iterable[bytes]) -> None:
        self.keys = {decode(key)["_id"]: key for key in keys}

    def insert_data_key(self, data_key: bytes) -> Any:
        key = decode(data_key)["_id"]
        self.keys[key] = bytes(data_key)
        return key

    def fetch_keys(self, query: bytes) -> Iterable[bytes]:
        asked = (clause.get("_id", {}) for clause in decode(query)["$or"])
        return [self.keys[key] for clause in asked for key in clause.get("$in", ()) if key in self.keys]

    def bson_encode(self, doc: dict[str, Any]) -> bytes:
        return encode(doc)

    def kms_request(self, _: object) -> NoReturn:
        raise RuntimeError("keys under a local master key need no key service")

    def collection_info(self, *_: object) -> NoReturn:
        raise RuntimeError("what is sealed explicitly has no schema")

    def mark_command(self, *_: object) -> NoReturn:
        raise RuntimeError("what is sealed explicitly is no command")

    def close(self) -> None:
        """Nothing is open."""
