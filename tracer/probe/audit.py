"""The one audit hook of a process (PEP 578): it cannot be removed, so it idles between traces."""

from __future__ import annotations

import sys
from _thread import get_ident

TYPE_CHECKING = False  # `typing` is too heavy to travel
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping
    from typing import Any, TypeVar

    Answer = TypeVar("Answer")
    Handlers = Mapping[str, Callable[..., None]]
    Settled = Mapping[str, Collection[object]]

_NOTHING: Settled = {}


class AuditHook:
    """Dispatches the events of this process to listeners, each kind to those that want it.

    The hook runs for every event of the process. Most have no listener: those end after one lookup.
    Events raised inside a listener are ignored.
    """

    def __init__(self) -> None:
        self._listeners: tuple[tuple[Handlers, Settled], ...] = ()
        self._handlers: dict[str, tuple[Callable[..., None], ...]] = {}
        self._settled: dict[str, Collection[object]] = {}
        self._installed = False
        self._busy: set[int] = set()

    def listen(self, listener: Handlers, settled: Settled = _NOTHING) -> None:
        """Call the handlers of `listener`, given by event name, with the values of each event.

        Events whose first value is hashable and in `settled` may be left out.
        """
        self._attend((*self._listeners, (listener, settled)))
        if not self._installed:
            self._installed = True
            sys.addaudithook(_hook(self._handlers, self._settled, self._busy))

    def leave(self, listener: Handlers) -> None:
        """Stop calling `listener`."""
        self._attend(tuple(each for each in self._listeners if each[0] is not listener))

    def unheard(self, function: Callable[[], Answer]) -> Answer:
        """Return the result of `function`; its events are the tracer's own and ignored."""
        thread = get_ident()
        busy = thread in self._busy
        self._busy.add(thread)
        try:
            return function()
        finally:
            if not busy:
                self._busy.discard(thread)

    def __contains__(self, listener: Handlers) -> bool:
        """Return whether `listener` receives events."""
        return any(each is listener for each, _ in self._listeners)

    def _attend(self, listeners: tuple[tuple[Handlers, Settled], ...]) -> None:
        self._listeners = listeners
        self._settled.clear()
        for event in {*self._handlers}.union(*(each for each, _ in listeners)):
            who = [(each[event], settled) for each, settled in listeners if event in each]
            if who:
                self._handlers[event] = tuple(handler for handler, _ in who)
            else:
                del self._handlers[event]
            if len(who) == 1 and event in who[0][1]:  # what is settled for all that hear it
                self._settled[event] = who[0][1][event]


def _hook(
    handlers: Mapping[str, tuple[Callable[..., None], ...]], settled: Settled, busy: set[int]
) -> Callable[[str, tuple[Any, ...]], None]:
    """Return a hook that passes events to their handlers, except in threads in `busy`.

    A closure reaches its variables faster than a method, which looks them up.
    """

    def heard(event: str, arguments: tuple[Any, ...]) -> None:
        if event not in handlers:
            return
        if event in settled:
            try:
                if arguments[0] in settled[event]:
                    return
            except Exception:  # noqa: BLE001, S110  # unhashable values are not settled
                pass
        thread = get_ident()
        if thread in busy:
            return
        busy.add(thread)
        try:
            for handler in handlers.get(event, ()):
                handler(*arguments)
        finally:
            busy.discard(thread)

    return heard


AUDIT = AuditHook()
