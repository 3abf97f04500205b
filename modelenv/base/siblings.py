"""Our three sibling packages, whatever else bears their names.

``tracer``, ``resolver`` and ``envfiles`` are also the names of other people's modules. When the
name leads elsewhere (a ``tracer.py`` beside the user's script, say), ours is loaded by its own
location under a private name, and theirs stays what it is to them.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from .errors import SiblingMissingError

_HOME = Path(__file__).parent.parent.parent


def load(name: str, home: Path = _HOME) -> ModuleType:
    """Import the package `name` that stands in `home`, under a private name if it must be.

    Raises SiblingMissingError where there is none.
    """
    wanted = home / name / "__init__.py"
    loaded = sys.modules.get(name)
    if loaded is not None:
        there = getattr(loaded, "__file__", None)
    else:
        spec = importlib.util.find_spec(name)
        there = spec.origin if spec is not None else None
    if there is not None and Path(there).resolve() == wanted.resolve():
        return importlib.import_module(name)
    return _load_privately(name, wanted)


def _load_privately(name: str, wanted: Path) -> ModuleType:
    private = f"_modelenv_{name}"
    if private in sys.modules:
        return sys.modules[private]
    spec = importlib.util.spec_from_file_location(
        private, wanted, submodule_search_locations=[str(wanted.parent)]
    )
    if spec is None or spec.loader is None or not wanted.exists():
        raise SiblingMissingError(name, wanted)
    module = importlib.util.module_from_spec(spec)
    sys.modules[private] = module
    spec.loader.exec_module(module)
    return module


if TYPE_CHECKING:
    import envfiles
    import resolver
    import tracer
else:
    envfiles = load("envfiles")
    resolver = load("resolver")
    tracer = load("tracer")

__all__ = ["envfiles", "resolver", "tracer"]
