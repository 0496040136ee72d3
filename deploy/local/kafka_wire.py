"""Just enough of Kafka's wire protocol to ask whether a broker is ready, without a client."""

import socket
import struct

from deploy.local.mongo_wire import receive
from deploy.local.settings import LOOPBACK

_API_VERSIONS = 18
_METADATA = 3
_SOCKET_SECONDS = 2.0


def answers(port: int) -> bool:
    """Whether the broker on this port of loopback answers an ApiVersions request without an error.

    A broker opens its port only when the controller has taken it in.
    """
    try:
        body = _ask(port, _API_VERSIONS, 0, b"")
    except (OSError, struct.error):
        return False
    return len(body) >= 2 and struct.unpack_from(">h", body)[0] == 0


def known_brokers(port: int) -> int:
    """How many brokers the one on this port knows; 0 if it does not answer."""
    no_topics = struct.pack(">i", 0)
    try:
        body = _ask(port, _METADATA, 1, no_topics)
    except (OSError, struct.error):
        return 0
    return int(struct.unpack_from(">i", body)[0])


def _ask(port: int, api: int, version: int, body: bytes) -> bytes:
    client = b"local-stack"
    request = struct.pack(">hhih", api, version, 1, len(client)) + client + body
    with socket.create_connection((LOOPBACK, port), timeout=_SOCKET_SECONDS) as connection:
        connection.sendall(struct.pack(">i", len(request)) + request)
        size = struct.unpack(">i", receive(connection, 4))[0]
        return receive(connection, size)[4:]
