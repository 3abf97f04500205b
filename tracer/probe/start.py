"""Trace this interpreter from here on, phase by phase, into a spool."""

from __future__ import annotations

import os
import sys

from .children import Children, enter_variables
from .importer import Importer
from .recorder import Recorder
from .spool import Spool
from .subinterpreters import is_subinterpreter
from .touched import Touched

TYPE_CHECKING = False  # `typing` is too heavy to travel
if TYPE_CHECKING:
    from collections.abc import Iterable


# What goes on before the program of a child begins is the environment's.
_SITE = os.path.join(os.path.dirname(os.__file__), "site.py")

_CHILDREN = ("python", "interpreter")


class TracedProcess:
    """A whole interpreter that is traced, and the children it will have."""

    def __init__(
        self,
        spool: str,
        own: Iterable[str],
        private: Iterable[str],
        how: str,
        everything: bool = False,
    ) -> None:
        spool = os.path.abspath(spool)
        if not os.path.isdir(spool):
            os.mkdir(spool, 0o700)
        importer = Importer(own, child=how in _CHILDREN)
        self._recorder = Recorder(Spool(spool, how), importer, spool, private)
        self._children = Children(spool, everything)
        self._touched = Touched(self._recorder, everything)

    def begin(self, phase: str, calls: str = "") -> None:
        """Begin to record with the phase so called, children that start from now on as well."""
        # A profile hook for a whole process would make it slow: there what is held has to do.
        watched = hasattr(sys, "monitoring")
        looked_up = self._touched.looked_up
        self._recorder.start(executed=watched, audited=True, looked_up=looked_up)
        self._children.begin()
        self._touched.begin()
        self._enter(phase, calls)

    def phase(self, name: str, calls: str = "") -> None:
        """End the phase that ran and begin the one called `name`.

        With `calls` it is recorded which packages' code others call in it, see `Recorder.phase`.
        """
        self.rest()
        self._recorder.hold()
        self._touched.catch_up()
        self._enter(name, calls)

    def _enter(self, name: str, calls: str) -> None:
        self._children.phase(name, calls)
        self._recorder.phase(name, calls)

    def rest(self) -> None:
        """Record no more calls: what follows in this phase is the driver's."""
        self._recorder.calls.heed("")

    def hold(self, root: object) -> None:
        """Record what an unpickled object's functions and classes hold."""
        self._recorder.hold(root)

    def stop(self, error: BaseException | None = None) -> None:
        """Record what is left and leave no trace in the import system and the environment.

        `error` is what ended the traced code, if one did.
        """
        self.rest()
        self._recorder.escaped(error)
        self._children.end()
        self._recorder.hold()
        self._touched.end()
        self._recorder.stop()
        self._recorder.sink.close()


def start(
    spool: str,
    own: Iterable[str] = (),
    private: str = "_modelenv_",
    everything: bool = False,
) -> TracedProcess:
    """Begin to record into the folder `spool`, which is made where it is not there.

    `own` are files or folders of the driver: what they ask for counts as the traced block's own.
    Modules whose names begin with `private` are the driver's and left out. `everything`: all that
    is touched is recorded, also what is the interpreter's, a distribution's or the system's.
    """
    process = TracedProcess(spool, own, (private,), "fresh", everything)
    process.begin("start")
    return process


def enter(private: str = "_modelenv_", beside: bool = False) -> None:
    """Go on with a trace in a child interpreter, which the environment tells of.

    It may be one `beside` others in a process.
    """
    spool, phase, calls, everything = enter_variables()
    if spool is None or not os.path.isdir(spool):
        return
    import atexit

    # What was compiled bears the name of the file that an archive has a copy of.
    files = __file__, enter.__code__.co_filename
    own = (*(os.path.dirname(file) + os.sep for file in files), "<frozen site>", _SITE)
    theirs = (private, "sitecustomize", "usercustomize")
    how = "interpreter" if beside or is_subinterpreter() else "python"
    process = TracedProcess(spool, own, theirs, how, everything)
    process.begin(phase, calls)
    atexit.register(process.stop)
