"""The one audit hook of a process (PEP 578): not removable, so it sleeps between traces."""

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
    """Hand the events of this process to whoever listens, each kind to those who want it.

    The hook runs for every event of the process, which are many more than those: it ends with one
    look-up. What a listener does raises events itself: those are not heard.
    """

    def __init__(self) -> None:
        self._listeners: tuple[tuple[Handlers, Settled], ...] = ()
        self._handlers: dict[str, tuple[Callable[..., None], ...]] = {}
        self._settled: dict[str, Collection[object]] = {}
        self._installed = False
        self._busy: set[int] = set()

    def listen(self, listener: Handlers, settled: Settled = _NOTHING) -> None:
        """Begin to hand events to `listener`: by their names, what is called with their values.

        It need not hear of events whose first value, which can be hashed, is among those `settled`.
        """
        self._attend((*self._listeners, (listener, settled)))
        if not self._installed:
            self._installed = True
            sys.addaudithook(_hook(self._handlers, self._settled, self._busy))

    def leave(self, listener: Handlers) -> None:
        """Hand no more events to `listener`."""
        self._attend(tuple(each for each in self._listeners if each[0] is not listener))

    def unheard(self, function: Callable[[], Answer]) -> Answer:
        """Return what `function` returns; what it does is the tracer's own."""
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
    """Return a hook that gives events to their handlers, of threads that are not in `busy`.

    What a plain function holds is at hand sooner than what a method has to look up.
    """

    def heard(event: str, arguments: tuple[Any, ...]) -> None:
        if event not in handlers:
            return
        if event in settled:
            try:
                if arguments[0] in settled[event]:
                    return
            except Exception:  # noqa: BLE001, S110  # nobody has settled what cannot be looked up
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
