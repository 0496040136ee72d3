"""A plugin of pytest that breaks one line of matching before anything is imported; see ``test_mutations.py``."""

import json
import os
import sys
from collections.abc import Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from importlib.util import spec_from_file_location
from pathlib import Path
from types import ModuleType

from hypothesis import Phase, settings

MUTANT = "TUEROEFFNER_TEST_MUTANT"
"""A list in JSON: the module, what stands there, what shall stand there."""


class _Broken(Loader):
    def __init__(self, file: str, before: str, after: str) -> None:
        self._file, self._before, self._after = file, before, after

    def exec_module(self, module: ModuleType) -> None:
        source = Path(self._file).read_text(encoding="utf-8")
        if source.count(self._before) != 1:
            raise SystemExit(f"{self._file}: {self._before!r} stands there {source.count(self._before)} times")
        changed = source.replace(self._before, self._after)
        exec(compile(changed, self._file, "exec"), module.__dict__)  # noqa: S102 -- our own source, one line changed


class _Finder(MetaPathFinder):
    def __init__(self, module: str, before: str, after: str) -> None:
        self._module, self._before, self._after = module, before, after

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname != self._module:
            return None
        found = PathFinder.find_spec(fullname, path)
        if found is None or found.origin is None:
            return None
        return spec_from_file_location(fullname, found.origin, loader=_Broken(found.origin, self._before, self._after))


if MUTANT in os.environ:
    # One failing example is enough; a small one is for people.
    settings.register_profile("mutant", phases=[Phase.explicit, Phase.generate])
    settings.load_profile("mutant")
    sys.meta_path.insert(0, _Finder(*json.loads(os.environ[MUTANT])))
