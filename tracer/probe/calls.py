"""Packages that are called by other code than their own, once imports are over.

Type checks, attribute reads, clean-up and the import system enter a package too: these are no
calls. Neither is anything that runs inside them, nor what a module calls while it is imported.
"""

from __future__ import annotations

import sys
from _thread import get_ident
from _weakref import ReferenceType

from .called import MAIN
from .executed import watcher
from .finder import file_of, initializing

TYPE_CHECKING = False  # `typing` is too heavy to travel
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from types import FrameType
    from typing import Any

    from .listener import Caller, ExecutionWatcher

# What the interpreter calls to compare types and to clean up.
_NEVER = frozenset({"__instancecheck__", "__subclasscheck__", "__subclasshook__", "__del__"})
_READS = frozenset({"__getattr__", "__getattribute__", "__get__", "__dir__"})
# Parts of the standard library that call finders and loaders, or callbacks of weak references.
_SERVICES = ("importlib.", "pkgutil", "weakref", "zipimport")
_METHODS = (staticmethod, classmethod)  # not callable by themselves
# For a whole process a profile hook is limited to this many events.
_MOST_EVENTS = 1_000_000
# A place that is entered without a call reports again, but not for ever.
_PATIENCE = 1000

# Read without metaclasses and proxies: their code might answer.
_members = type.__dict__["__dict__"].__get__
_ancestors = type.__dict__["__mro__"].__get__


class Calls:
    """Finds the packages that others call, each once, and reports them to the recorder.

    A package is a top-level module that has a file, with all below it; below a namespace package,
    the first module that has one. The standard library and modules whose names begin with one of
    `private` are left out.
    """

    def __init__(self, recorder: Caller, private: Iterable[str]) -> None:
        self._recorder = recorder
        self._importer = recorder.importer
        self._private = tuple(private)
        self._packages: dict[str, str] = {}
        self._called: set[str] = set()
        self._refused: dict[str, int] = {}
        self._around: dict[int, int] = {}
        self._missed = False
        self._passing = False
        self.watch: ExecutionWatcher | None = None
        self.heeded = False
        self.settled: set[str] = set()
        """Modules of which nothing more has to be reported."""

    def heed(self, calls: str, inside: bool = False) -> None:
        """Begin to look for calls, or stop, see `Recorder.phase`.

        `inside`: an import that this thread is running goes on around all that follows. If no
        watcher runs, since it would be a profile hook, "all" installs one meanwhile.
        """
        if inside:
            self._around[get_ident()] = self._imports(sys._getframe(1))
        if self._passing and self.watch is not None:
            self.watch.leave(self._recorder)
            self.watch, self._passing = None, False
        if self.watch is None and calls == "all":
            watch = watcher()
            self._passing = watch.listen(self._recorder, _MOST_EVENTS, self._spent)
            self.watch = watch if self._passing else None
        self.heeded = self.watch is not None and bool(calls)
        if self.watch is not None:
            self.watch.attend(calls)
            if calls:
                self.watch.again()

    def heard(self, name: str, frame: FrameType | None, entered: FrameType | None = None) -> bool:
        """Handle that the code of `frame` enters module `name`: Python code in the frame `entered`.

        Return whether the place has to report again, since a call may still come from it.
        """
        package = self._package(name) if self.heeded else None
        if package is None:
            return False
        if not package or package in self._called:
            if name in self._recorder.seen:
                self.settled.add(name)
            return False
        if self._is_importing():
            self._missed = True
            return False
        caller = self._caller(package, frame)
        if caller is None or (entered is not None and self._is_no_call(entered, package)):
            self._refused[package] = self._refused.get(package, 0) + 1
            return self._refused[package] < _PATIENCE
        self._called.add(package)
        self._recorder.was_called(name, caller)
        return False

    def catch_up(self, stack: list[str]) -> None:
        """Let all places report again, once a thread's `stack` of imports is empty.

        Places that reported while a module was imported had been switched off.
        """
        if self._missed and self.watch is not None and not stack:
            self._missed = False
            self.watch.again()

    def _spent(self) -> None:
        self.heed("")
        self._recorder.note(
            "which packages are called was seen for the first %d events" % _MOST_EVENTS
        )

    def _is_importing(self) -> bool:
        """Return whether this thread certainly runs a module's code for the first time."""
        stack = self._recorder.stacks.get(get_ident())
        return bool(stack and initializing(sys.modules.get(stack[0])))

    def _package(self, name: str) -> str | None:
        """Return the package of a module; empty: an irrelevant one; None: it is not loaded."""
        known = self._packages.get(name)
        if known is not None:
            return known
        parts = name.split(".")
        if name.startswith(self._private) or parts[0] in self._importer.standard or name in MAIN:
            self._packages[name] = ""
            return ""
        for size in range(1, len(parts) + 1):
            package = ".".join(parts[:size])
            module = sys.modules.get(package)
            if module is not None and file_of(module) is not None:
                self._packages[name] = package
                return package
        return None

    def _caller(self, package: str, frame: FrameType | None) -> FrameType | None:
        """Return the frame that calls `package`; None: its own code does, or this is no call."""
        if self._imports(frame) > self._around.get(get_ident(), 0):
            self._missed = True
            return None
        caller, inner = None, package
        for each in _outwards(frame):
            kind = self._importer.kind(each.f_code)
            if kind not in ("standard", "own"):
                name = each.f_globals.get("__name__")
                inner = self._package(name) or "" if isinstance(name, str) else ""
                if caller is None and inner == package:
                    return None
            if self._is_no_call(each, inner if kind != "code" else ""):
                return None
            if kind != "standard":
                caller = caller or each
        return caller or frame

    def _imports(self, frame: FrameType | None) -> int:
        """Count the frames of the import system around a frame."""
        kind = self._importer.kind
        return sum(kind(each.f_code) == "system" for each in _outwards(frame))

    def _is_no_call(self, frame: FrameType, package: str) -> bool:
        """Return whether a frame runs the code of `package` without its having been called.

        Reads that a called package makes of its own code are part of its work.
        """
        name = frame.f_code.co_name
        if name in _NEVER:
            return True
        if not package or package in self._called:
            return False
        serves = str(frame.f_globals.get("__name__")).startswith(_SERVICES)
        return serves or name in _READS or _is_getter(frame) or _is_of_what_is_gone(frame)


def _outwards(frame: FrameType | None) -> Iterator[FrameType]:
    """Yield a frame and those around it."""
    while frame is not None:
        yield frame
        frame = frame.f_back


def _is_getter(frame: FrameType) -> bool:
    """Return whether a frame runs the getter of a property or of a similar descriptor."""
    code = frame.f_code
    if code.co_argcount != 1 or code.co_kwonlyargcount or code.co_flags & 0x0C:
        return False
    owner = frame.f_locals.get(code.co_varnames[0])
    kind = type(owner)
    for each in (kind, owner) if issubclass(kind, type) else (kind,):
        for ancestor in _ancestors(each):
            member = _members(ancestor).get(code.co_name)
            if member is not None:
                return not callable(member) and not issubclass(type(member), _METHODS)
    return False


def _is_of_what_is_gone(frame: FrameType) -> bool:
    """Return whether a frame runs the callback of a weak reference."""
    code = frame.f_code
    for name in code.co_varnames[: min(code.co_argcount, 2)]:
        value: Any = frame.f_locals.get(name)
        if issubclass(type(value), ReferenceType) and ReferenceType.__call__(value) is None:
            return True
    return False
