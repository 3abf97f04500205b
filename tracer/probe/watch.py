"""A watch over a long-lived process that counts unforeseen touches, and returns them."""

from __future__ import annotations

import sys

from .audit import AUDIT
from .clock import clock
from .counted import CountedTouches
from .finder import Observer, file_of
from .foreseen import Foreseen
from .importer import Importer
from .journal import Journal
from .places import is_installed
from .tally import WAITING, Tally

TYPE_CHECKING = False  # `typing` is too heavy to travel
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from types import FrameType
    from typing import Any

    from .importer import Place

_MAPS_AFTER = 60_000_000  # microseconds after which mapped libraries are read again
_IMPORTS = "imports"


class ProcessWatch:
    """Counts unforeseen imports, files, libraries, programs and hosts, by their names.

    Foreseen are the names in `known`, by the kinds of `taken`, files in one of the `own` folders,
    and all touches between `learn` and `begin`. Left out are modules of the interpreter, and
    libraries of installed distributions: they come with an import. Requests of the code in the
    folders `driver`, and modules whose names begin with `private`, are the driver's. With the path
    of a `journal`, new files, libraries, programs and hosts are written there at once, a line of
    JSON each, until they are taken: for a reader that outlives this process. Forked children are
    watched; an interpreter that is started is not.
    """

    def __init__(
        self,
        known: Mapping[str, Iterable[str]],
        own: Iterable[str] = (),
        driver: Iterable[str] = (),
        private: str = "_modelenv_",
        journal: str | None = None,
    ) -> None:
        self._importer = Importer(driver)
        self._private = private
        self._modules = set(known.get(_IMPORTS, ()))
        self._foreseen = Foreseen(known, own)
        self._tally = Tally(None if journal is None else Journal(journal))
        self._touches = CountedTouches(self._importer, self._foreseen, self._tally)
        self._observer = Observer(self._imported)
        self._imports: dict[str, Place] = {}
        self._counts = False
        self._looked = clock()

    def learn(self) -> None:
        """Begin to receive events; touches from now on are foreseen."""
        self._touches.begin()
        self._tally.begin()
        self._observer.install()

    def begin(self) -> None:
        """Begin to count unforeseen touches."""
        self._touches.catch_up()
        self._modules.update(sys.modules)
        self._looked = clock()
        self._touches.counts = self._counts = True

    def end(self) -> None:
        """Stop receiving events."""
        self._observer.remove()
        self._touches.end()
        self._tally.end()

    def taken(self) -> dict[str, dict[str, Any]]:
        """Return the counts since the last time; empty: nothing is new; that takes no time.

        By kind and name: the number (`count`), and the first time the place that asked (`by`); for
        an import its `file`, and whether it was found (`there`; null: a child asked). `more` has by
        kind the number of touches of names that are too many to be reported, and `faults` the
        number of touches that could not be counted.
        """
        if self._imports or self._touches.is_behind or clock() - self._looked > _MAPS_AFTER:
            AUDIT.unheard(self._catch_up)
        self._tally.catch_up()
        return {} if self._tally.is_empty else AUDIT.unheard(self._take)

    def _imported(self, name: str, frame: FrameType | None, looked: bool) -> None:
        """Handle the search for a module; its outcome is read later."""
        if name in self._modules or looked or not self._counts or name.startswith(self._private):
            return
        if self._tally.knows(_IMPORTS, name):  # it was not found the last time
            self._tally.again(_IMPORTS, name)
        elif name not in self._imports and len(self._imports) < WAITING:
            place = self._importer.of(frame, name)
            if self._tally.in_child:
                self._tally.count(_IMPORTS, name, place)
            else:
                self._imports[name] = place

    def _catch_up(self) -> None:
        self._looked = clock()
        self._touches.catch_up()
        for name in list(self._imports):
            place = self._imports.pop(name)
            module = sys.modules.get(name)
            if module is not None:
                self._modules.add(name)
            if not self._is_own(name, module, place):
                self._tally.count(_IMPORTS, name, place)

    def _is_own(self, name: str, module: object, place: Place) -> bool:
        """Return whether a module belongs to the interpreter or to the model.

        A module of another system's interpreter is absent, and only the standard library asks for
        it.
        """
        standard = self._importer.standard
        if name.partition(".")[0] in standard:
            asker = place[0] or ""
            return module is not None or asker.partition(".")[0] in standard
        file = file_of(module) if module is not None else None
        return file is not None and not is_installed(file) and self._foreseen.owns(file)

    def _take(self) -> dict[str, dict[str, Any]]:
        new, counts, more = self._tally.take()
        found: dict[str, dict[str, Any]] = {}
        for (kind, name), by in new.items():
            entry = found.setdefault(kind, {}).setdefault(name, {"by": by})
            if kind == _IMPORTS:
                entry.update(self._outcome(name))
        for (kind, name), count in counts.items():
            found.setdefault(kind, {}).setdefault(name, {})["count"] = count
        if more:
            found["more"] = dict(more)
        return found

    def _outcome(self, name: str) -> dict[str, Any]:
        module = sys.modules.get(name)
        if module is None:
            return {
                "file": None,
                "there": None if self._tally.is_of_child(_IMPORTS, name) else False,
            }
        return {"file": file_of(module), "there": True}
