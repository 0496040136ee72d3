"""Which release this is."""

import os
from importlib.metadata import version

VERSION = version("tueroeffner")


def commit() -> str:
    """The commit that an image was built from; ``unknown`` in a checkout."""
    return os.environ.get("SOURCE_COMMIT", "unknown")
