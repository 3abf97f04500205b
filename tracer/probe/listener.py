"""Protocols of watchers of running code and of their listeners: types alone."""

from __future__ import annotations

TYPE_CHECKING = False  # `typing` is too heavy to travel
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType
    from typing import Protocol

    from .importer import Importer

    class Listener(Protocol):
        """A receiver of events about running code."""

        importer: Importer

        @property
        def settled(self) -> set[str]:
            """Modules of which only uses by first-party code matter."""

        @property
        def stacks(self) -> dict[int, list[str]]:
            """The modules that each thread is importing, by its id, the innermost last."""

        @property
        def rests(self) -> bool:
            """Whether nothing inside an import has to be reported, except its end."""

        def started(self, name: object, frame: FrameType) -> bool:
            """Handle that a function of module `name` begins in `frame`.

            Return whether that has to be reported again.
            """

        def called(self, name: object, frame: FrameType, compiled: bool) -> bool:
            """Handle that the code of `frame` calls something of module `name`; return as above.

            A callee that is not `compiled` is reported as well when it begins.
            """

        def returned(self, name: object, well: bool) -> None:
            """Handle that the code of module `name` itself has ended; `well`: it did not fail."""

        def raised(self, name: object, error: BaseException, frame: FrameType | None) -> None:
            """Handle the failing import of module `name`, for the code of `frame`."""

        def let_through(self, name: str) -> None:
            """Handle that the code that asked for module `name` did not catch that error."""

    class Caller(Listener, Protocol):
        """A listener that also receives calls."""

        seen: set[str]  # modules that are known to run

        def note(self, text: str) -> None:
            """Record a sentence about what cannot be seen."""

        def was_called(self, name: str, frame: FrameType) -> None:
            """Handle that the code of `frame` called module `name`.

            In a thread that starts with a function of it, that code is the standard library's.
            """

    class ExecutionWatcher(Protocol):
        """A way to see code run."""

        def listen(
            self, listener: Listener, most: int = 0, spent: Callable[[], None] | None = None
        ) -> bool:
            """Begin to report to `listener`; return False if nothing can be seen.

            A watcher that slows everything down calls ``spent()`` after `most` events, if given.
            """

        def leave(self, listener: Listener) -> None:
            """Remove `listener`; the last one to leave removes the watcher."""

        def attend(self, calls: str) -> None:
            """Update the settled modules, and the closeness of calls (see `Recorder.phase`)."""

        def again(self) -> None:
            """Let every place report once more."""

        @property
        def importing(self) -> Callable[[str, FrameType], None] | None:
            """The callback for an import, with the module's name and the import system's frame.

            None: the end of an import is seen without it.
            """
