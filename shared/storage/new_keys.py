"""Keys for many new subjects and what is sealed under them, without a word to the server.

The driver's encryption makes a key, stores it, reads it again and seals: four steps for each subject, of which three
wait for the server. Here the same library (libmongocrypt) makes them in memory; whoever asked stores them all at once.
"""

from collections.abc import Iterable
from typing import Any, Final, NoReturn

from bson import decode, encode
from pymongocrypt.mongocrypt import MongoCryptOptions
from pymongocrypt.synchronous.explicit_encrypter import ExplicitEncrypter
from pymongocrypt.synchronous.state_machine import MongoCryptCallback

_PROVIDER: Final = "local"


class NewKeys:
    """Makes keys under one master key; each is known to this object only, until its document is stored."""

    def __init__(self, master_key: bytes) -> None:
        self._memory = _Memory()
        self._crypt = ExplicitEncrypter(self._memory, MongoCryptOptions({_PROVIDER: {"key": master_key}}, None))

    def seal(self, subject: str, text: str, algorithm: str) -> tuple[dict[str, Any], bytes]:
        """The document of a new key for ``subject``, and ``text`` sealed under it."""
        key = self._crypt.create_data_key(_PROVIDER, key_alt_names=[subject])
        blob = decode(self._crypt.encrypt(encode({"v": text}), algorithm, key_id=bytes(key)))["v"]
        return decode(self._memory.latest), bytes(blob)


class _Memory(MongoCryptCallback):  # type: ignore[misc]  # the library has no types
    """Where the library believes to find its key vault: the key that was made last is the only one it needs."""

    def __init__(self) -> None:
        self.latest = b""

    def insert_data_key(self, data_key: bytes) -> Any:
        self.latest = bytes(data_key)
        return decode(self.latest)["_id"]

    def fetch_keys(self, _: bytes) -> Iterable[bytes]:
        return [self.latest]

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
