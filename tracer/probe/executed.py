"""Runs of already imported modules: PEP 669 monitoring, before Python 3.12 a profile hook."""

from __future__ import annotations

import sys
from _thread import get_ident
from types import FunctionType

from .called import CLOSELY, LOADERS, STARTS_PROGRAM, module_of
from .failures import LOAD, Failures
from .finder import initializing, values_of
from .lookups import FUNCTIONS, LOOKS_UP
from .quick import quick_called, quick_raised, quick_started

TYPE_CHECKING = False  # `typing` is too heavy to travel
if TYPE_CHECKING:
    from collections.abc import Callable, Container, Mapping
    from types import CodeType, FrameType
    from typing import Any

    from .listener import ExecutionWatcher, Listener


_TOOL = "modelenv"
_ALWAYS = frozenset({STARTS_PROGRAM, *FUNCTIONS, *LOADERS})


def _monitoring() -> Any:
    """Return ``sys.monitoring``, which older Pythons lack."""
    return sys.monitoring  # type: ignore[attr-defined,unused-ignore]


class Monitored:
    """Watches by ``sys.monitoring``: each place reports once and is then switched off.

    All traces of a process share one tool id, since there are six for everybody.
    """

    importing = None

    def __init__(self) -> None:
        self._listeners: tuple[Listener, ...] = ()
        self._tool: int | None = None
        self._disable: object = None
        # The state for the most frequent events, so that they end soon: the only listener's own.
        self._settled: Container[str] = ()
        self._kinds: Mapping[str, str] = {}
        self._closely = 0
        self._failures = Failures()

    def listen(
        self, listener: Listener, most: int = 0, spent: Callable[[], None] | None = None
    ) -> bool:
        """Report to `listener` what runs in any thread; return False if no tool id is free."""
        monitoring = _monitoring()
        if self._tool is None and not self._take(monitoring):
            return False
        self._listeners += (listener,)
        self.attend("")
        self.again()
        return True

    def leave(self, listener: Listener) -> None:
        """Remove `listener`; the last one to leave gives the tool id back."""
        self._listeners = tuple(each for each in self._listeners if each is not listener)
        self.attend("")
        tool = self._tool
        if tool is None or self._listeners:
            return
        self._tool = None
        self._failures.clear()
        monitoring = _monitoring()
        monitoring.set_events(tool, 0)
        monitoring.set_local_events(tool, LOAD, 0)
        for event, _ in self._callbacks(monitoring):
            monitoring.register_callback(tool, event, None)
        monitoring.free_tool_id(tool)

    def attend(self, calls: str) -> None:
        """Update the settled modules, and how closely calls are watched."""
        alone = self._listeners[0] if len(self._listeners) == 1 else None
        self._settled = () if alone is None else alone.settled
        self._kinds = {} if alone is None else alone.importer.kinds
        self._closely = CLOSELY if calls == "all" else 0
        self._register()

    def again(self) -> None:
        """Switch on again all places that were switched off after their first report."""
        _monitoring().restart_events()

    def _take(self, monitoring: Any) -> bool:
        for tool in (4, 3, 5, 2, 1, 0):
            if monitoring.get_tool(tool) is None:
                break
        else:
            return False
        monitoring.use_tool_id(tool, _TOOL)
        self._tool = tool
        self._disable = monitoring.DISABLE
        self._register()
        events = monitoring.events
        monitoring.set_events(tool, events.PY_START | events.CALL | events.PY_UNWIND)
        monitoring.set_local_events(tool, LOAD, events.PY_RETURN)
        return True

    def _register(self) -> None:
        """Register the callbacks for the present state."""
        if self._tool is not None:
            monitoring = _monitoring()
            for event, callback in self._callbacks(monitoring):
                monitoring.register_callback(self._tool, event, callback)

    def _callbacks(self, monitoring: Any) -> tuple[tuple[int, Any], ...]:
        events = monitoring.events
        settled, off = self._settled, self._disable
        called = quick_called(settled, self._kinds, self._kind, off, self._called)
        return (
            (events.PY_START, quick_started(settled, _ALWAYS, off, self._started)),
            (events.CALL, self._called_closely if self._closely else called),
            (events.PY_RETURN, self._returned),
            (events.PY_UNWIND, quick_raised(self._failures.pending, self._raised)),
        )

    # The events that the quick callbacks pass on.

    def _started(self, function: str, name: object, frame: FrameType) -> object:
        again = function == STARTS_PROGRAM or (name, function) in LOOKS_UP
        for listener in self._listeners:
            again = listener.started(name, frame) or again
        return None if again else self._disable

    def _called(self, called: object, frame: FrameType) -> object:
        again = False
        name, compiled = module_of(called), type(called) is not FunctionType
        for listener in self._listeners:
            again = listener.called(name, frame, compiled) or again
        return None if again else self._disable

    def _called_closely(self, code: CodeType, _: int, called: object, __: object) -> None:
        """Handle a call from a place that reports again, as long as that is wanted."""
        name = module_of(called)
        known = type(name) is str and name in self._settled
        if not known or self._kinds.get(code.co_filename, "code") == "code":
            self._called(called, sys._getframe(1))
        if self._closely:  # false if our own call that ends the watching is seen
            self._closely -= 1
            if not self._closely:
                self._register()

    def _returned(self, code: CodeType, offset: int, value: object) -> None:
        # A module that is still being imported was requested again by one that it imports.
        if initializing(value):
            return
        name, thread = values_of(value).get("__name__"), get_ident()
        if not (
            type(name) is str
            and sys.modules.get(name) is value
            and all(each.stacks.get(thread, ())[-1:] == [name] for each in self._listeners)
        ):
            # A module replaced by another, or of two names. Asking frames takes much longer.
            name = sys._getframe(1).f_locals.get("name")
            if not isinstance(name, str) or initializing(sys.modules.get(name)):
                return
        for listener in self._listeners:
            listener.returned(name, True)

    def _raised(self, code: CodeType, frame: FrameType, error: BaseException) -> None:
        if code is LOAD:
            self._failed(frame.f_locals.get("name"), frame.f_back, error)
        elif self._kind(code) != "system":
            name = self._failures.let_through(code, error)
            if name is not None:
                for listener in self._listeners:
                    listener.let_through(name)

    def _failed(self, name: object, frame: FrameType | None, error: BaseException) -> None:
        while frame is not None and self._kind(frame.f_code) == "system":
            frame = frame.f_back
        if frame is not None and type(name) is str:
            self._failures.failed(name, frame, error)
        for listener in self._listeners:
            listener.raised(name, error, frame)

    def _kind(self, code: CodeType) -> str:
        return self._listeners[0].importer.kind(code) if self._listeners else "system"


MONITORED = Monitored()


def watcher() -> ExecutionWatcher:
    """Return the watcher of this process that this Python can have."""
    if hasattr(sys, "monitoring"):
        return MONITORED
    from .profiling import PROFILED

    return PROFILED
