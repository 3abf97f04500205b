"""See what runs by profile hooks, for Pythons that have no ``sys.monitoring``."""

from __future__ import annotations

import sys
import threading
from _thread import get_ident

from .called import module_of

TYPE_CHECKING = False  # `typing` is too heavy to travel
if TYPE_CHECKING:
    from types import FrameType
    from typing import Any

    from .executed import Listener


class Profiled:
    """Watch by the profile hook of the threads that trace, and of those that start later.

    A profiler that was there before goes on: every event is handed on to it. A thread that still
    has the hook when nobody listens any more takes it off itself at its next event.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._listeners: tuple[Listener, ...] = ()
        self._before: dict[int, Any] = {}
        self._traces: dict[int, int] = {}
        self._threading_before: Any = None

    def listen(self, listener: Listener) -> bool:
        """Begin to tell `listener` what runs in this thread and later ones; always possible."""
        thread = get_ident()
        with self._lock:
            if not self._listeners:
                self._threading_before = self._other(getattr(threading, "_profile_hook", None))
                threading.setprofile(self._profile)
            self._listeners += (listener,)
            self._traces[thread] = self._traces.get(thread, 0) + 1
            if self._traces[thread] == 1:
                self._before[thread] = self._other(sys.getprofile())
                sys.setprofile(self._profile)
        return True

    def leave(self, listener: Listener) -> None:
        """Tell `listener` no more; this thread's hook and that of later ones are put back."""
        thread = get_ident()
        with self._lock:
            if listener not in self._listeners:
                return
            self._listeners = tuple(each for each in self._listeners if each is not listener)
            if not self._listeners:
                threading.setprofile(self._threading_before)
            self._traces[thread] = self._traces.get(thread, 1) - 1
            if self._traces[thread] == 0 or not self._listeners:
                self._put_back(thread)

    def _other(self, hook: Any) -> Any:
        """Return a hook that is not ours, else what ours stands in for."""
        return self._threading_before if hook == self._profile else hook

    def _put_back(self, thread: int) -> None:
        self._traces.pop(thread, None)
        before = self._before.pop(thread, self._threading_before)
        if sys.getprofile() == self._profile:
            sys.setprofile(before)

    def _profile(self, frame: FrameType, event: str, argument: object) -> None:
        before = self._before.get(get_ident(), self._threading_before)
        if self._listeners:
            self._tell(frame, event, argument)
        else:
            self._put_back(get_ident())
        if before is not None:
            before(frame, event, argument)

    def _tell(self, frame: FrameType, event: str, argument: object) -> None:
        if event == "call":
            name = frame.f_globals.get("__name__")
            for listener in self._listeners:
                listener.started(name, frame)
                if frame.f_back is not None:
                    listener.called(name, frame.f_back)
        elif event == "c_call":
            name = module_of(argument)
            for listener in self._listeners:
                listener.called(name, frame)
        elif event == "return" and frame.f_code.co_name == "<module>":
            for listener in self._listeners:  # a failed module ends by this event as well
                listener.returned(frame.f_globals.get("__name__"), False)


PROFILED = Profiled()
