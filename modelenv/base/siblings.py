"""The three sibling packages, imported even if other modules have their names.

``tracer``, ``resolver`` and ``envfiles`` are also names of other people's modules. If a name leads
elsewhere (a ``tracer.py`` beside the user's script, say), ours is loaded from its own location
under a private name, and the other module is left alone. Another distribution that is installed
into the same folder replaces our files, and removes them when it is uninstalled; that is an error
which names it.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import sys
from collections.abc import Collection
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from . import VERSION
from .errors import SiblingMissingError, SiblingOverwrittenError

_HOME = Path(__file__).parent.parent.parent
_DISTRIBUTION = "modelenv"
_SIBLINGS = ("envfiles", "resolver", "tracer")


def check_files(home: Path = _HOME) -> None:
    """Compare the siblings' files in `home` with the list of what was installed there (PEP 376).

    Sizes are compared, which is faster than hashing. A file of another size that no other
    distribution lists was changed on purpose, and is accepted.

    Raises SiblingOverwrittenError and SiblingMissingError.
    """
    record = home / f"{_DISTRIBUTION}-{VERSION}.dist-info" / "RECORD"
    if not record.is_file():  # an editable install, or a source checkout
        return
    found = {file: (_size(f"{home}/{file}"), size) for file, size in _sizes(record)}
    changed = {file for file, (size, recorded) in found.items() if size not in (None, recorded)}
    overwritten = _listed_by_others(home, changed) if changed else {}
    if overwritten:
        raise SiblingOverwrittenError(overwritten)
    missing = tuple(home / file for file, (size, _) in found.items() if size is None)
    if missing:
        raise SiblingMissingError(missing)


def load(name: str, home: Path = _HOME) -> ModuleType:
    """Import the package `name` from `home`, under a private name if its own is taken.

    Raises SiblingMissingError if there is none, SiblingOverwrittenError if it is another's.
    """
    wanted = home / name / "__init__.py"
    loaded = sys.modules.get(name)
    if loaded is not None:
        there = getattr(loaded, "__file__", None)
    else:
        spec = importlib.util.find_spec(name)
        there = spec.origin if spec is not None else None
    if there is not None and Path(there).resolve() == wanted.resolve():
        module = importlib.import_module(name)
    else:
        module = _load_privately(name, wanted)
    if getattr(module, "__distribution__", None) != _DISTRIBUTION:
        file = f"{name}/__init__.py"
        raise SiblingOverwrittenError(_listed_by_others(home, {file}) or {name: (file,)})
    return module


def _load_privately(name: str, wanted: Path) -> ModuleType:
    private = f"_modelenv_{name}"
    if private in sys.modules:
        return sys.modules[private]
    spec = importlib.util.spec_from_file_location(
        private, wanted, submodule_search_locations=[str(wanted.parent)]
    )
    if spec is None or spec.loader is None or not wanted.exists():
        raise SiblingMissingError((wanted,))
    module = importlib.util.module_from_spec(spec)
    sys.modules[private] = module
    spec.loader.exec_module(module)
    return module


def _sizes(record: Path) -> list[tuple[str, int]]:
    """Return the siblings' files that a RECORD lists, each with its size in bytes."""
    ours = tuple(f"{name}/" for name in _SIBLINGS)
    lines = [line for line in record.read_text("utf-8").splitlines() if line.startswith(ours)]
    files = [line.rsplit(",", 2) for line in lines]
    return [(file, int(size)) for file, _, size in files if size]  # bytecode has no size in RECORD


def _size(file: str) -> int | None:
    try:  # called for 150 files at every start; Path would add a millisecond
        return os.stat(file).st_size  # noqa: PTH116
    except OSError:
        return None


def _listed_by_others(home: Path, files: Collection[str]) -> dict[str, tuple[str, ...]]:
    """Return which other distributions in `home` list which of `files`."""
    found = {}
    for record in sorted(home.glob("*.dist-info/RECORD")):
        name, _, _ = record.parent.name.partition("-")
        if name != _DISTRIBUTION:
            lines = record.read_text("utf-8", "replace").splitlines()
            listed = {line.partition(",")[0] for line in lines}
            found[name] = tuple(sorted(listed.intersection(files)))
    return {name: listed for name, listed in found.items() if listed}


if TYPE_CHECKING:
    import envfiles
    import resolver
    import tracer
else:
    check_files()
    envfiles = load("envfiles")
    resolver = load("resolver")
    tracer = load("tracer")

__all__ = ["envfiles", "resolver", "tracer"]
