"""The end of an import, seen by the deletion of an object: no hook, and nothing is replaced."""

from __future__ import annotations

import sys
from _thread import get_ident
from _weakref import ref

from .finder import FINDS

TYPE_CHECKING = False  # `typing` is too heavy to travel
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType


class ImportEnd:
    """Calls ``over(self)`` in this thread, once, when the import of a module has ended.

    `loads` is the frame of the import system that loads it. An object stored as its trace function
    is deleted with it; a kept error may keep the frame as well, so if `surely` is set the
    module's lock is watched too. That may end in another thread, which waited for the module: then
    the end is `missed`.
    """

    __slots__ = "__weakref__", "_lock", "_over", "_thread", "missed", "name"

    def __init__(
        self, name: str, loads: FrameType, over: Callable[[ImportEnd], None], surely: bool
    ) -> None:
        self.name = name
        self.missed = False
        self._thread = get_ident()
        self._over: Callable[[ImportEnd], None] | None = over
        locks = FINDS.get("_module_locks", {}) if surely else {}
        lock = locks[name]() if name in locks else None
        self._lock = None if lock is None else ref(lock, self.hear)
        if sys.gettrace() is None:  # a debugger uses it itself
            loads.f_trace = _Last(self)

    def hear(self, _: object = None) -> None:
        """Handle that an object of the import was deleted."""
        over = self._over
        if over is None:
            return
        if get_ident() != self._thread:
            self.missed = True
            return
        self._over = self._lock = None
        over(self)


class _Last:
    """An object whose deletion marks the end of a frame."""

    __slots__ = ("_end",)

    def __init__(self, end: ImportEnd) -> None:
        self._end = end

    def __call__(self, *_: object) -> None:
        """Trace nothing, if tracing begins meanwhile."""

    def __del__(self) -> None:
        self._end.hear()
