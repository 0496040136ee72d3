"""Free ports on loopback that stay free while a component is down."""

import random
import socket
from pathlib import Path

from deploy.local.settings import LOOPBACK

_LOWEST = 15_000
_EPHEMERAL = Path("/proc/sys/net/ipv4/ip_local_port_range")
_given: set[int] = set()


def free_port() -> int:
    """A port that nobody listens on and that this process has not handed out before.

    It lies below the range the kernel draws outgoing connections from, so that no
    connection takes it while its component is being restarted.
    """
    highest = _first_ephemeral() - 1
    for _ in range(1000):
        port = random.SystemRandom().randint(_LOWEST, highest)
        if port not in _given and is_free(port):
            _given.add(port)
            return port
    raise RuntimeError(f"no free port on {LOOPBACK} between {_LOWEST} and {highest}")


def is_free(port: int) -> bool:
    """Whether a component could listen on this port of loopback now."""
    with socket.socket() as probe:
        # Connections of a component that has just been stopped linger; its successor may listen all the same.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
        return True


def _first_ephemeral() -> int:
    try:
        first = int(_EPHEMERAL.read_text().split()[0])
    except (OSError, ValueError, IndexError):
        first = 32_768
    return first if first > _LOWEST + 1000 else 32_768
