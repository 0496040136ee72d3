"""Just enough of MongoDB's wire protocol to ask one member one command, without a driver."""

import socket
import struct
from collections.abc import Mapping

from deploy.local.settings import LOOPBACK

_OP_MSG = 2013
_HEADER = struct.Struct("<iiii")
_SOCKET_SECONDS = 5.0


class CommandFailedError(RuntimeError):
    """The member answered that the command failed; `code` is MongoDB's number for why."""

    def __init__(self, answer: Mapping[str, object]) -> None:
        super().__init__(f"{answer.get('codeName', 'error')}: {answer.get('errmsg', answer)}")
        self.code = answer.get("code")


def command(port: int, document: Mapping[str, object], database: str = "admin") -> dict[str, object]:
    """Send one command to the member on loopback and return its answer.

    Raises CommandFailedError if the member refuses it, OSError if it cannot be reached.
    """
    body = encode({**document, "$db": database})
    message = struct.pack("<i", 0) + b"\x00" + body
    header = _HEADER.pack(_HEADER.size + len(message), 1, 0, _OP_MSG)
    with socket.create_connection((LOOPBACK, port), timeout=_SOCKET_SECONDS) as connection:
        connection.sendall(header + message)
        length = _HEADER.unpack(receive(connection, _HEADER.size))[0]
        answer = decode(receive(connection, length - _HEADER.size)[5:])
    if answer.get("ok") != 1.0:
        raise CommandFailedError(answer)
    return answer


def receive(connection: socket.socket, size: int) -> bytes:
    """Exactly `size` bytes; raises ConnectionError if the other side closes before."""
    received = b""
    while len(received) < size:
        part = connection.recv(size - len(received))
        if not part:
            raise ConnectionError("the connection was closed in the middle of an answer")
        received += part
    return received


def encode(document: Mapping[str, object]) -> bytes:
    """BSON of a document of texts, booleans, integers, floats, lists and documents; TypeError for anything else."""
    body = b"".join(_element(key, value) for key, value in document.items())
    return struct.pack("<i", len(body) + 5) + body + b"\x00"


def _element(key: str, value: object) -> bytes:
    match value:
        case bool():
            kind, payload = 0x08, bytes([value])
        case int() if -(2**31) <= value < 2**31:
            kind, payload = 0x10, struct.pack("<i", value)
        case int():
            kind, payload = 0x12, struct.pack("<q", value)
        case float():
            kind, payload = 0x01, struct.pack("<d", value)
        case str():
            text = value.encode() + b"\x00"
            kind, payload = 0x02, struct.pack("<i", len(text)) + text
        case Mapping():
            kind, payload = 0x03, encode(value)
        case list():
            kind, payload = 0x04, encode({str(index): item for index, item in enumerate(value)})
        case _:
            raise TypeError(f"{key}: {type(value).__name__} is not needed here")
    return bytes([kind]) + key.encode() + b"\x00" + payload


def decode(data: bytes) -> dict[str, object]:
    """A document from BSON; values of kinds that we never look at are kept as bytes."""
    document: dict[str, object] = {}
    position = 4
    while data[position] != 0:
        kind = data[position]
        end = data.index(b"\x00", position + 1)
        key = data[position + 1 : end].decode()
        document[key], position = _value(kind, data, end + 1)
    return document


# Double, boolean, date, int32, timestamp, int64.
_FIXED = {0x01: "<d", 0x08: "<?", 0x09: "<q", 0x10: "<i", 0x11: "<Q", 0x12: "<q"}
_OBJECT_ID, _NULL, _TEXT, _DOCUMENT, _LIST, _BINARY = 0x07, 0x0A, 0x02, 0x03, 0x04, 0x05


def _value(kind: int, data: bytes, start: int) -> tuple[object, int]:
    value: object = None
    if kind in _FIXED:
        value, end = struct.unpack_from(_FIXED[kind], data, start)[0], start + struct.calcsize(_FIXED[kind])
    elif kind == _OBJECT_ID:
        value, end = data[start : start + 12], start + 12
    elif kind == _NULL:
        end = start
    else:
        value, end = _sized(kind, data, start, struct.unpack_from("<i", data, start)[0])
    return value, end


def _sized(kind: int, data: bytes, start: int, size: int) -> tuple[object, int]:
    if kind == _TEXT:
        return data[start + 4 : start + 3 + size].decode(), start + 4 + size
    if kind == _DOCUMENT:
        return decode(data[start : start + size]), start + size
    if kind == _LIST:
        return list(decode(data[start : start + size]).values()), start + size
    if kind == _BINARY:
        return data[start + 5 : start + 5 + size], start + 5 + size
    raise ValueError(f"BSON kind {kind:#04x} is not needed here")
