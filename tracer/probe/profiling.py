"""Runs of code, seen by profile hooks on Pythons without ``sys.monitoring``.

A hook costs more than half of what it watches, so a thread goes without while it imports, if
that hides nothing that was not the standard library's.
"""

from __future__ import annotations

import sys
import threading
from _thread import get_ident

from .called import CLOSELY, STARTS_PROGRAM, module_of
from .finder import initializing
from .import_end import ImportEnd

TYPE_CHECKING = False  # `typing` is too heavy to travel
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import CodeType, FrameType
    from typing import Any

    from .listener import Listener

_RETURN = (lambda: None).__code__.co_code[-2]


class Profiled:
    """Watches by the profile hook of the threads that trace, and of those that start later.

    An earlier profiler goes on: every event is passed on to it. A thread that still has the hook
    when no listener is left removes it at its next event.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._listeners: tuple[Listener, ...] = ()
        self._before: dict[int, Any] = {}
        self._traces: dict[int, int] = {}
        self._threading_before: Any = None
        self._before_any = False
        # Code is kept with its id, so that no other code can get the same id.
        self._done: dict[int, CodeType] = {}
        self._places: dict[tuple[int, int], CodeType] = {}
        self._kinds: dict[str, str] = {}
        self._closely = 0
        self._left = 0
        self._spent: Callable[[], None] | None = None
        self._asleep: dict[int, ImportEnd] = {}

    def listen(
        self, listener: Listener, most: int = 0, spent: Callable[[], None] | None = None
    ) -> bool:
        """Begin to report this thread and later ones to `listener`; always possible.

        After `most` events, if given, ``spent()`` is called.
        """
        thread = get_ident()
        with self._lock:
            if not self._listeners:
                self._threading_before = self._other(getattr(threading, "_profile_hook", None))
                threading.setprofile(self._profile)
            self._listeners += (listener,)
            self._left, self._spent = most, spent
            self._kinds = listener.importer.kinds
            # Earlier reports are new to this listener.
            self._done, self._places = {}, {}
            self._traces[thread] = self._traces.get(thread, 0) + 1
            self._asleep.pop(thread, None)
            if self._traces[thread] == 1 or sys.getprofile() != self._profile:
                self._before[thread] = self._other(sys.getprofile())
                self._before_any = self._any_before()
                sys.setprofile(self._profile)
        return True

    def leave(self, listener: Listener) -> None:
        """Remove `listener`; this thread's hook and that of later ones are restored."""
        thread = get_ident()
        with self._lock:
            if listener not in self._listeners:
                return
            self._listeners = tuple(each for each in self._listeners if each is not listener)
            self.attend("")
            if not self._listeners:
                threading.setprofile(self._threading_before)
            self._traces[thread] = self._traces.get(thread, 1) - 1
            if self._traces[thread] == 0 or not self._listeners:
                self._put_back(thread)
            if not self._listeners:
                self._done, self._places = {}, {}
            self._before_any = self._any_before()

    def attend(self, calls: str) -> None:
        """Watch calls closely, or not."""
        self._closely = CLOSELY if calls == "all" else 0

    def again(self) -> None:
        """Let every place report once more."""
        self._done, self._places = {}, {}

    def importing(self, name: str, loads: FrameType) -> None:
        """Handle that this thread imports module `name`, in a frame of the import system.

        Until the end of it the thread has no hook, unless a listener needs all events.
        """
        thread = get_ident()
        outer = self._asleep.get(thread)
        is_inside = outer is not None and not outer.missed
        end = ImportEnd(name, loads, self._imported, surely=not is_inside)
        if is_inside:
            return
        if outer is None and sys.getprofile() != self._profile:
            return
        sys.setprofile(self._before.get(thread, self._threading_before))  # it hears of us as well
        if outer is not None or all(each.rests for each in self._listeners):
            self._asleep[thread] = end
        else:
            sys.setprofile(self._profile)

    def _imported(self, end: ImportEnd) -> None:
        thread = get_ident()
        module = sys.modules.get(end.name)
        well = module is not None and not initializing(module)
        for listener in self._listeners:
            listener.returned(end.name, well)
        if self._asleep.get(thread) is end:
            del self._asleep[thread]
            if sys.getprofile() == self._before.get(thread, self._threading_before):
                sys.setprofile(self._profile)

    def _any_before(self) -> bool:
        hooks = [*self._before.values(), self._threading_before]
        return any(hook is not None for hook in hooks)

    def _other(self, hook: Any) -> Any:
        """Return a hook that is not ours, else the one that ours replaced."""
        return self._threading_before if hook == self._profile else hook

    def _put_back(self, thread: int) -> None:
        self._traces.pop(thread, None)
        self._asleep.pop(thread, None)
        before = self._before.pop(thread, self._threading_before)
        if sys.getprofile() == self._profile:
            sys.setprofile(before)

    def _profile(self, frame: FrameType, event: str, argument: object) -> None:
        # Most events are repeated ones: those have to end here, soon.
        if event == "call":
            code = frame.f_code
            if id(code) not in self._done or self._kind(frame.f_back) == "code":
                self._called(frame, code)
        elif event == "c_call":
            place = id(frame.f_code), frame.f_lasti
            if place not in self._places:
                self._c_called(frame, place, argument)
        elif event == "return" and frame.f_code.co_name == "<module>":
            self._returned(frame)
        if self._left:
            self._count()
        if self._before_any:
            before = self._before.get(get_ident(), self._threading_before)
            if before is not None:
                before(frame, event, argument)

    def _called(self, frame: FrameType, code: CodeType) -> None:
        if not self._listeners:
            self._put_back(get_ident())
            return
        again = code.co_name in ("<module>", STARTS_PROGRAM)
        name = frame.f_globals.get("__name__")
        for listener in self._listeners:
            again = listener.started(name, frame) or again
            if frame.f_back is not None:
                listener.called(name, frame.f_back, False)
        if not again:
            self._done[id(code)] = code

    def _returned(self, frame: FrameType) -> None:
        # A failed module ends by this event as well.
        well = frame.f_code.co_code[frame.f_lasti] == _RETURN
        for listener in self._listeners:
            listener.returned(frame.f_globals.get("__name__"), well)

    def _count(self) -> None:
        if self._left > 1:
            self._left -= 1
        elif not self._lock.locked():  # its owner may be this thread, about to leave
            self._left = 0
            if self._spent is not None:
                self._spent()

    def _c_called(self, frame: FrameType, place: tuple[int, int], argument: object) -> None:
        if not self._listeners:
            self._put_back(get_ident())
            return
        code = frame.f_code
        again = code.co_name == "<module>"
        name = module_of(argument)
        for listener in self._listeners:
            again = listener.called(name, frame, True) or again
        if self._closely:
            self._closely -= 1
        elif not again:
            self._places[place] = code

    def _kind(self, frame: FrameType | None) -> str | None:
        return None if frame is None else self._kinds.get(frame.f_code.co_filename, "code")


PROFILED = Profiled()
