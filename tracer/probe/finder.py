"""First imports, seen by an observer that is first on ``sys.meta_path`` and loads nothing."""

from __future__ import annotations

import sys

TYPE_CHECKING = False  # `typing` is too heavy to travel
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType
    from typing import Any

    Note = Callable[[str, FrameType | None, bool], None]
    LookedUp = Callable[[str, FrameType | None], None]

# The code that runs is identified by its globals: asking a frame for its code is an audit event.
FINDS = vars(sys.modules["_frozen_importlib"])
LOADS = vars(sys.modules["_frozen_importlib_external"])


class Observer:
    """Observes every module that the import system looks for.

    ``note(name, frame, looked)`` is called before any finder looks for the module, so whether it
    was found is read from ``sys.modules`` afterwards; `looked` means that the code only asks
    whether it exists. ``looked_up(name, frame)`` is called for a distribution. The observer takes
    no lock, imports nothing and changes nothing: safe in every thread and inside other finders.
    """

    def __init__(self, note: Note, looked_up: LookedUp | None = None) -> None:
        self._note = note
        self._looked_up = looked_up

    def find_spec(self, fullname: str, path: object = None, target: object = None) -> None:
        """Note `fullname` and leave the search to the finders that follow (PEP 451)."""
        frame = sys._getframe(1)
        outer = frame.f_back
        loads = outer is not None and outer.f_globals is FINDS
        self._note(fullname, outer if loads else frame, target is None and not loads)

    def find_distributions(self, context: object = None) -> Iterator[Any]:
        """Note a distribution that is looked up by its name, and return none.

        ``importlib.metadata`` and its backport ask in this way; without a name they list all.
        """
        name = getattr(context, "name", None)
        if self._looked_up is not None and isinstance(name, str):
            self._looked_up(name, sys._getframe(1))
        return iter(())  # before Python 3.9 it has to be an iterator

    def install(self) -> None:
        """Insert this observer first in ``sys.meta_path``."""
        sys.meta_path.insert(0, self)

    def remove(self) -> None:
        """Remove this observer from ``sys.meta_path``, wherever it is by now."""
        for place, finder in enumerate(sys.meta_path):
            if finder is self:
                del sys.meta_path[place]
                return


def is_import(frame: FrameType) -> bool:
    """Return whether the code of `frame` reads a file to import it; others use loaders as well.

    An import runs ``get_data`` for ``get_code``, for ``exec_module``, for the import system itself.
    Code that calls ``exec_module`` runs a file by its path, under a name that need not exist.
    """
    asking: FrameType | None = frame
    for _ in range(3):
        if asking is None or asking.f_globals is not LOADS:
            return False
        asking = asking.f_back
    return asking is not None and asking.f_globals is FINDS


def values_of(module: object) -> dict[str, object]:
    """Return a module's dictionary without triggering a lazy module."""
    try:
        values = object.__getattribute__(module, "__dict__")
    except AttributeError:
        return {}
    return values if type(values) is dict else {}


def file_of(module: object) -> str | None:
    """Return the file that a loaded module came from, or None (built in, frozen, namespace)."""
    values = values_of(module)
    file = values.get("__file__")
    if isinstance(file, str):
        return file
    spec = values.get("__spec__")
    origin = getattr(spec, "origin", None) if getattr(spec, "has_location", False) else None
    return origin if isinstance(origin, str) else None


def initializing(module: object) -> bool:
    """Return whether the code of a module is still running for the first time."""
    return getattr(values_of(module).get("__spec__"), "_initializing", False) is True
