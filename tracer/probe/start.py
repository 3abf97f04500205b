"""Trace this interpreter from here on, phase by phase, into a spool."""

from __future__ import annotations

import sys

from .finder import Importer, Observer, file_of
from .spool import Spool

TYPE_CHECKING = False  # `typing` is too heavy to travel
if TYPE_CHECKING:
    from collections.abc import Iterable


class Recorder:
    """Note imports into a spool; after each phase, which of them succeeded and from which file."""

    def __init__(self, spool: Spool, own: Iterable[str], private: str) -> None:
        self._spool = spool
        self._private = private
        self._phase = "start"
        self._settled = set(sys.modules)
        self._observer = Observer(self._note, Importer(own))
        self._observer.install()

    def phase(self, name: str) -> None:
        """End the phase that ran and begin the one called `name`."""
        self.settle()
        self._phase = name

    def settle(self) -> None:
        """Record each module that appeared since the last time."""
        for name, module in list(sys.modules.items()):
            if name not in self._settled and module is not None:
                self._settled.add(name)
                # multiprocessing's second name of the main program is the driver, not the model.
                if name != "__mp_main__" and not name.startswith(self._private):
                    self._spool.write("module", (name, file_of(module), self._phase))

    def stop(self) -> None:
        """Settle the last phase and leave no trace in the import system."""
        self.settle()
        self._observer.remove()
        self._spool.close()

    def _note(self, name: str, importer: str | None, file: str | None, line: int) -> None:
        if not name.startswith(self._private):
            self._spool.write("import", (name, importer, file, line, self._phase))


def start(spool: str, own: Iterable[str] = (), private: str = "_modelenv_") -> Recorder:
    """Begin to record; modules whose names begin with `private` are the driver's and left out."""
    return Recorder(Spool(spool), own, private)
