"""Repeated counts of touches, for a process that may open files for ever."""

from __future__ import annotations

import os
import sys

from .finder import is_import
from .places import source_of
from .touched import Touches, asking, path_of

TYPE_CHECKING = False  # `typing` is too heavy to travel
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from .foreseen import Foreseen
    from .importer import Importer, Place
    from .tally import Tally

_REMEMBERED = 20_000  # the most paths that are remembered
_PLURALS = {"file": "files", "library": "libraries", "program": "programs", "host": "hosts"}


class CountedTouches(Touches):
    """Counts touches that were not foreseen; most files are recognised by their path.

    Until `counts` is set all touches are foreseen. A failure here never reaches the running code.
    """

    def __init__(self, importer: Importer, foreseen: Foreseen, tally: Tally) -> None:
        super().__init__(importer, _told_already)
        self._foreseen = foreseen
        self._tally = tally
        self.counts = False
        # Absolute paths: those of no interest, and how the others are counted.
        self._plain: set[object] = set()
        self._counted: dict[object, str] = {}
        guarded = {event: self._guarded(each) for event, each in self._handlers.items()}
        self._handlers = {**guarded, "open": self._opened}
        self._settled = {"open": self._plain}

    @property
    def is_behind(self) -> bool:
        """Whether libraries were loaded since the mapped files were last read."""
        return bool(self._asked)

    def _opened(self, path: object = None, mode: object = None, flags: object = 0) -> None:
        try:
            name = self._counted.get(path)
            if name is not None:
                self._tally.again("files", name)
                return
            frame = sys._getframe(1).f_back
            if not isinstance(path, int) and (frame is None or not is_import(frame)):
                self._opened_first(path, flags if isinstance(flags, int) else 0)
        except Exception:  # noqa: BLE001  # it is counted, and the file is opened all the same
            self._tally.fail()

    def _opened_first(self, path: object, flags: int) -> None:
        file = path_of(path)
        self._opened_file(file, flags)
        if len(self._plain) + len(self._counted) >= _REMEMBERED:
            self._forget()
        if not isinstance(path, (str, bytes)) or not os.path.isabs(path):
            return  # its meaning depends on the working folder
        source = source_of(file)
        if self._tally.knows("files", source):
            self._counted[path] = source
        else:
            self._plain.add(path)

    def _note(self, kind: str, name: str, place: Place | None = None) -> None:
        plural = _PLURALS.get(kind)
        if plural is None:
            return
        if not self.counts:
            self._foreseen.add(plural, name)
        elif self._tally.knows(plural, name):
            self._tally.again(plural, name)
        elif (plural, name) not in self._foreseen:
            self._tally.note(plural, name, place or self._place(asking()))

    def _guarded(self, handler: Callable[..., None]) -> Callable[..., None]:
        def handled(*arguments: Any) -> None:
            try:
                handler(*arguments)
            except Exception:  # noqa: BLE001  # as above
                self._tally.fail()

        return handled

    def _forget(self) -> None:
        """Forget the paths that were opened so far."""
        self._plain.clear()
        self._counted.clear()
        self._written.clear()
        self._places.forget()


def _told_already(_: str) -> None:
    """Ignore it: the capture of the model has reported what cannot be seen here."""
