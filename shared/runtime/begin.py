"""A service's first steps, before anything heavy is loaded; this file imports the standard library only.

Most of a start is Python reading libraries. What no service ever calls is left out of it, and what was loaded is not
looked through for garbage: there is none.
"""

import gc
import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any, Final

LATER: Final = ("httpx",)
"""Loaded on first use: MongoDB's encryption asks for it at once, and uses it for the key services of clouds only."""
NEVER: Final = ("pydantic.v1", "rich")
"""Drawn in by whoever finds them: FastAPI, for models of a time before ours; structlog, for colours in a console."""


def begin(app: str) -> None:
    """Runs the service that is wired in the module ``app``, as the command line says; see ``shared.runtime.main``."""
    gc.disable()
    with loaded_lightly():
        main = importlib.import_module("shared.runtime.main").main
        service = importlib.import_module(app).SERVICE
    # Modules live as long as the process: the collector need not look at them again and again.
    gc.freeze()
    gc.enable()
    main(service)


@contextmanager
def loaded_lightly() -> Iterator[None]:
    """What is imported in here does not load ``LATER`` along; ``NEVER`` cannot be imported from now on."""
    modules: dict[str, Any] = sys.modules
    for name in NEVER:
        # As if it were not installed: that is what None says here.
        modules.setdefault(name, None)
    stand_ins = {name: _Later(name) for name in LATER if name not in modules}
    modules.update(stand_ins)
    try:
        yield
    finally:
        for name, module in stand_ins.items():
            if modules.get(name) is module:
                del modules[name]


class _Later(ModuleType):
    """Stands for a library until somebody asks it for something."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        if sys.modules.get(self.__name__) is self:
            del sys.modules[self.__name__]
        return getattr(importlib.import_module(self.__name__), name)
