"""See every first import: an observer that stands first on ``sys.meta_path`` and loads nothing."""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False  # `typing` is too heavy to travel
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from types import FrameType, ModuleType

    Note = Callable[[str, str | None, str | None, int], None]
    Place = tuple[str | None, str | None, int]

# Frames that never are the importer: the import system's own, and those of unpicklers, which import
# what the pickle names.
_IMPORT_SYSTEM = "<frozen importlib"
_MACHINERY = (
    os.path.join("importlib", "__init__.py"),
    os.path.join("importlib", "util.py"),
    os.path.join("cloudpickle", "cloudpickle.py"),
    os.path.join("joblib", "numpy_pickle.py"),
)


class Importer:
    """Find out on whose behalf code runs: the module, file and line that asked.

    The standard library imports for others (``importlib.metadata`` loads an entry point, ``runpy``
    a script, ``pickle`` a class): when what it imports is not its own, its caller is named.
    ``own`` are files or folders of the driver, whose requests count as the traced block's.
    """

    def __init__(self, own: Iterable[str] = ()) -> None:
        self._own = tuple(own)
        self._kinds: dict[str, str] = {}
        self._stdlib = os.path.dirname(os.__file__) + os.sep
        self._stdlib_names: Iterable[str] = getattr(sys, "stdlib_module_names", ())

    def of(self, frame: FrameType | None, name: str) -> Place:
        """Return module, file and line of who asked for `name`; None, None, 0 is the block."""
        kinds = self._kinds
        inner = name.partition(".")[0] in self._stdlib_names
        while frame is not None:
            file = frame.f_code.co_filename
            kind = kinds.get(file)
            if kind is None:
                kind = kinds[file] = self._kind(file)
            if kind == "code" or (kind == "stdlib" and inner):
                return frame.f_globals.get("__name__"), file, frame.f_lineno
            if kind == "own":
                break
            frame = frame.f_back
        return None, None, 0

    def _kind(self, file: str) -> str:
        if file.startswith(self._own):
            return "own"
        if file.startswith(_IMPORT_SYSTEM) or file.endswith(_MACHINERY):
            return "machinery"
        if file.startswith("<frozen "):
            return "stdlib"
        if file.startswith(self._stdlib):
            below = file[len(self._stdlib) :]
            if not below.startswith(("site-packages" + os.sep, "dist-packages" + os.sep)):
                return "stdlib"
        return "code"


class Observer:
    """Note every module that the import system looks for.

    ``note(name, importer, importer_file, line)`` is called before anybody looks for the module, so
    whether it was found is read from ``sys.modules`` afterwards. The observer takes no lock,
    imports nothing and changes nothing: safe in every thread and inside other finders.
    """

    def __init__(self, note: Note, importer: Importer) -> None:
        self._note = note
        self._importer = importer

    def find_spec(self, fullname: str, path: object = None, target: object = None) -> None:
        """Note `fullname` and leave the search to the finders that follow (PEP 451)."""
        module, file, line = self._importer.of(sys._getframe(1), fullname)
        self._note(fullname, module, file, line)

    def install(self) -> None:
        """Stand first on ``sys.meta_path``."""
        sys.meta_path.insert(0, self)

    def remove(self) -> None:
        """Leave ``sys.meta_path``, wherever others may have moved us."""
        for place, finder in enumerate(sys.meta_path):
            if finder is self:
                del sys.meta_path[place]
                return


def file_of(module: ModuleType) -> str | None:
    """Return the file that a loaded module came from, or None (built in, frozen, namespace).

    Reads the dictionary alone: a lazy module must not be woken by being looked at.
    """
    try:
        values = object.__getattribute__(module, "__dict__")
    except AttributeError:
        return None
    file = values.get("__file__")
    if isinstance(file, str):
        return file
    spec = values.get("__spec__")
    origin = spec.origin if getattr(spec, "has_location", False) else None
    return origin if isinstance(origin, str) else None
