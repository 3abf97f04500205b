"""The protocols of those who watch code run and of those who listen: types alone."""

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
            """Modules of which only what first-party code does is of interest."""

        @property
        def stacks(self) -> dict[int, list[str]]:
            """The modules that each thread is importing, by its id, the innermost last."""

        @property
        def rests(self) -> bool:
            """Whether what runs inside an import needs no telling, but that the import ends."""

        def started(self, name: object, frame: FrameType) -> bool:
            """Hear that a function of module `name` begins in `frame`.

            Return whether that is to be heard again.
            """

        def called(self, name: object, frame: FrameType, compiled: bool) -> bool:
            """Hear that the code of `frame` calls something of module `name`; return as above.

            What is not `compiled` is heard of as well when it begins.
            """

        def returned(self, name: object, well: bool) -> None:
            """Hear that the code of module `name` itself has ended; `well`: it did not fail."""

        def raised(self, name: object, error: BaseException, frame: FrameType | None) -> None:
            """Hear that the import of module `name`, for the code of `frame`, ends in an error."""

        def let_through(self, name: str) -> None:
            """Hear that the code that asked for module `name` did not catch that error."""

    class Caller(Listener, Protocol):
        """A listener that also receives calls."""

        seen: set[str]  # modules that are known to run

        def note(self, text: str) -> None:
            """Record in words what can not be seen."""

        def was_called(self, name: str, frame: FrameType) -> None:
            """Hear that the code of `frame` called module `name`.

            In a thread that begins with a function of it that is the standard library's.
            """

    class ExecutionWatcher(Protocol):
        """A way to see what runs."""

        def listen(
            self, listener: Listener, most: int = 0, spent: Callable[[], None] | None = None
        ) -> bool:
            """Begin to tell `listener`; False where nothing can be seen.

            A watcher that slows all down calls ``spent()`` after `most` events, where that is said.
            """

        def leave(self, listener: Listener) -> None:
            """Remove `listener`; the last one to leave removes the watcher."""

        def attend(self, calls: str) -> None:
            """Look again at what is settled, and as closely at calls as `Recorder.phase` says."""

        def again(self) -> None:
            """Let every place report once more."""

        @property
        def importing(self) -> Callable[[str, FrameType], None] | None:
            """The callback for an import, with the module's name and the import system's frame.

            None: the end of an import is seen without it.
            """
