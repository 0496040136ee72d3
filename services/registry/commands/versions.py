"""What is changed must be the version that the caller saw."""

from shared.kernel.errors import VersionLost


def require_version(current: int, expected: int) -> None:
    """Raises ``VersionLost`` with the current version where the caller saw another one."""
    if current != expected:
        raise VersionLost("version-lost", params={"version": current})
