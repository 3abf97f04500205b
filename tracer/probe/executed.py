"""See which already imported modules run: PEP 669 monitoring, before Python 3.12 a profile hook."""

from __future__ import annotations

import sys

from .called import STARTS_PROGRAM, module_of

TYPE_CHECKING = False  # `typing` is too heavy to travel
if TYPE_CHECKING:
    from types import CodeType, FrameType
    from typing import Any, Protocol

    from .importer import Importer

    class Listener(Protocol):
        """Who wants to know what runs."""

        importer: Importer

        def started(self, name: object, frame: FrameType) -> None:
            """Hear that a function of module `name` begins in `frame`."""

        def called(self, name: object, frame: FrameType) -> None:
            """Hear that the code of `frame` calls something of module `name`."""

        def returned(self, name: object, well: bool) -> None:
            """Hear that the code of module `name` itself has ended; `well`: it did not fail."""

        def raised(self, name: object, error: BaseException) -> None:
            """Hear that an error leaves the code of module `name` itself."""

    class Watcher(Protocol):
        """A way to see what runs."""

        def listen(self, listener: Listener) -> bool:
            """Begin to tell `listener`; False where nothing can be seen."""

        def leave(self, listener: Listener) -> None:
            """Tell `listener` no more; the last one to leave takes the watcher away."""


_TOOL = "modelenv"
_MODULE = "<module>"


def _monitoring() -> Any:
    """Return ``sys.monitoring``, which older Pythons have not."""
    return sys.monitoring  # type: ignore[attr-defined,unused-ignore]


class Monitored:
    """Watch by ``sys.monitoring``: each place reports once and is then switched off.

    All traces of a process share one tool, since there are six for everybody.
    """

    def __init__(self) -> None:
        self._listeners: tuple[Listener, ...] = ()
        self._tool: int | None = None
        self._disable: object = None

    def listen(self, listener: Listener) -> bool:
        """Begin to tell `listener` what runs in any thread; False when every tool id is taken."""
        monitoring = _monitoring()
        if self._tool is None and not self._take(monitoring):
            return False
        self._listeners += (listener,)
        # Places that were switched off before report again.
        monitoring.restart_events()
        return True

    def leave(self, listener: Listener) -> None:
        """Tell `listener` no more; the last one to leave gives the tool id back."""
        self._listeners = tuple(each for each in self._listeners if each is not listener)
        tool = self._tool
        if tool is None or self._listeners:
            return
        self._tool = None
        monitoring = _monitoring()
        monitoring.set_events(tool, 0)
        for event, _ in self._callbacks(monitoring):
            monitoring.register_callback(tool, event, None)
        monitoring.free_tool_id(tool)

    def _take(self, monitoring: Any) -> bool:
        for tool in (4, 3, 5, 2, 1, 0):
            if monitoring.get_tool(tool) is None:
                break
        else:
            return False
        monitoring.use_tool_id(tool, _TOOL)
        self._tool = tool
        self._disable = monitoring.DISABLE
        events = monitoring.events
        for event, callback in self._callbacks(monitoring):
            monitoring.register_callback(tool, event, callback)
        monitoring.set_events(tool, events.PY_START | events.CALL | events.PY_UNWIND)
        return True

    def _callbacks(self, monitoring: Any) -> tuple[tuple[int, Any], ...]:
        events = monitoring.events
        return (
            (events.PY_START, self._started),
            (events.CALL, self._called),
            (events.PY_RETURN, self._returned),
            (events.PY_UNWIND, self._raised),
        )

    def _started(self, code: CodeType, offset: int) -> object:
        frame = sys._getframe(1)
        name = frame.f_globals.get("__name__")
        for listener in self._listeners:
            listener.started(name, frame)
        if code.co_name == _MODULE and self._tool is not None:
            monitoring = _monitoring()
            monitoring.set_local_events(self._tool, code, monitoring.events.PY_RETURN)
        return None if code.co_name == STARTS_PROGRAM else self._disable

    def _called(self, code: CodeType, offset: int, called: object, first: object) -> object:
        name = module_of(called)
        frame = sys._getframe(1)
        for listener in self._listeners:
            listener.called(name, frame)
        return self._disable

    def _returned(self, code: CodeType, offset: int, value: object) -> None:
        name = sys._getframe(1).f_globals.get("__name__")
        for listener in self._listeners:
            listener.returned(name, True)
        if self._tool is not None:
            _monitoring().set_local_events(self._tool, code, 0)

    def _raised(self, code: CodeType, offset: int, error: BaseException) -> None:
        if code.co_name == _MODULE:
            name: object = sys._getframe(1).f_globals.get("__name__")
        elif code.co_name == "_find_and_load" and isinstance(error, ImportError):
            name = error.name
        else:
            return
        for listener in self._listeners:
            listener.raised(name, error)


MONITORED = Monitored()


def watcher() -> Watcher:
    """Return the watcher of this process that this Python can have."""
    if hasattr(sys, "monitoring"):
        return MONITORED
    from .profiling import PROFILED

    return PROFILED
