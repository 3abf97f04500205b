"""See which already imported modules run: PEP 669 monitoring, before Python 3.12 a profile hook."""

from __future__ import annotations

import sys

TYPE_CHECKING = False  # `typing` is too heavy to travel
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import CodeType, FrameType
    from typing import Any

    Note = Callable[[str, FrameType | None], None]

_TOOL = "modelenv"


def _monitoring() -> Any:
    """Return ``sys.monitoring``, which older Pythons have not."""
    return sys.monitoring  # type: ignore[attr-defined,unused-ignore]


def _module_of(called: object) -> str | None:
    """Name the module of a C function, a bound method of a C type, or a type."""
    name: object = getattr(called, "__module__", None)
    if not isinstance(name, str):
        name = type(getattr(called, "__self__", called)).__dict__.get("__module__")
    return name if isinstance(name, str) else None


class Monitored:
    """Watch by ``sys.monitoring``: each place reports once and is then switched off.

    ``note(name, frame)`` gets the module that runs and the frame that called it.
    """

    def __init__(self, note: Note) -> None:
        self._note = note
        self._tool: int | None = None
        self._seen: set[str] = set()

    def start(self) -> bool:
        """Begin to watch all threads; return False when every tool id is taken."""
        monitoring = _monitoring()
        for tool in (4, 3, 5, 2, 1, 0):
            if monitoring.get_tool(tool) is None:
                break
        else:
            return False
        monitoring.use_tool_id(tool, _TOOL)
        self._tool = tool
        events = monitoring.events
        monitoring.register_callback(tool, events.PY_START, self._started)
        monitoring.register_callback(tool, events.CALL, self._called)
        monitoring.set_events(tool, events.PY_START | events.CALL)
        # Places that an earlier tool of this id had switched off report again.
        monitoring.restart_events()
        return True

    def stop(self) -> None:
        """Stop watching and give the tool id back."""
        if self._tool is None:
            return
        monitoring = _monitoring()
        events = monitoring.events
        monitoring.set_events(self._tool, 0)
        monitoring.register_callback(self._tool, events.PY_START, None)
        monitoring.register_callback(self._tool, events.CALL, None)
        monitoring.free_tool_id(self._tool)
        self._tool = None

    def _started(self, code: CodeType, offset: int) -> object:
        frame = sys._getframe(1)
        self._see(frame.f_globals.get("__name__"), frame.f_back)
        return _monitoring().DISABLE

    def _called(self, code: CodeType, offset: int, called: object, first: object) -> object:
        self._see(_module_of(called), sys._getframe(1))
        return _monitoring().DISABLE

    def _see(self, name: object, caller: FrameType | None) -> None:
        if isinstance(name, str) and name not in self._seen:
            self._seen.add(name)
            self._note(name, caller)


class Profiled:
    """Watch by the profile hook of this thread and of those that start later.

    A profiler that was there before goes on: every event is handed on to it.
    """

    def __init__(self, note: Note) -> None:
        self._note = note
        self._seen: set[str] = set()
        self._before: Any = None
        self._threading_before: Any = None
        self._hook: Any = None

    def start(self) -> bool:
        """Begin to watch; always possible."""
        import threading

        self._before = sys.getprofile()
        self._threading_before = getattr(threading, "_profile_hook", None)
        self._hook = self._chained if self._before is not None else self._profile
        threading.setprofile(self._hook)
        sys.setprofile(self._hook)
        return True

    def stop(self) -> None:
        """Put back what was there; in threads that still run the hook no longer notes anything."""
        import threading

        self._note = _nothing
        if self._hook is not None:
            sys.setprofile(self._before)
            threading.setprofile(self._threading_before)
            self._hook = None

    def _profile(self, frame: FrameType, event: str, argument: object) -> None:
        if event == "call":
            name: object = frame.f_globals.get("__name__")
            caller: FrameType | None = frame.f_back
        elif event == "c_call":
            name = _module_of(argument)
            caller = frame
        else:
            return
        if isinstance(name, str) and name not in self._seen:
            self._seen.add(name)
            self._note(name, caller)

    def _chained(self, frame: FrameType, event: str, argument: object) -> None:
        self._profile(frame, event, argument)
        if self._before is not None:
            self._before(frame, event, argument)


def _nothing(name: str, caller: FrameType | None) -> None:
    """Stand in for the note of a trace that has ended."""


def watcher(note: Note) -> Monitored | Profiled:
    """Return the watcher that this Python can have."""
    return Monitored(note) if hasattr(sys, "monitoring") else Profiled(note)
