"""The protocols of those who watch code run and of those who listen: types alone."""

from __future__ import annotations

TYPE_CHECKING = False  # `typing` is too heavy to travel
if TYPE_CHECKING:
    from types import FrameType
    from typing import Protocol

    from .importer import Importer

    class Listener(Protocol):
        """Who wants to know what runs."""

        importer: Importer
        seen: set[str]  # of what is in here, only first-party code is of interest

        def started(self, name: object, frame: FrameType) -> None:
            """Hear that a function of module `name` begins in `frame`."""

        def called(self, name: object, frame: FrameType) -> None:
            """Hear that the code of `frame` calls something of module `name`."""

        def returned(self, name: object, well: bool) -> None:
            """Hear that the code of module `name` itself has ended; `well`: it did not fail."""

        def raised(self, name: object, error: BaseException, frame: FrameType | None) -> None:
            """Hear that the import of module `name`, for the code of `frame`, ends in an error."""

        def let_through(self, name: str) -> None:
            """Hear that the code that asked for module `name` did not catch that error."""

    class Watcher(Protocol):
        """A way to see what runs."""

        def listen(self, listener: Listener) -> bool:
            """Begin to tell `listener`; False where nothing can be seen."""

        def leave(self, listener: Listener) -> None:
            """Tell `listener` no more; the last one to leave takes the watcher away."""
