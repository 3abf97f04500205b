"""The start of a trace of this interpreter, phase by phase, into a spool."""

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


# Before the program of a child begins, the environment's own code runs.
_SITE = os.path.join(os.path.dirname(os.__file__), "site.py")

_CHILDREN = ("python", "interpreter")


class TracedProcess:
    """A whole interpreter that is traced, and its future children."""

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
        """Begin to record with the given phase, in children that start from now on as well."""
        # A profile hook for a whole process would slow it down: references have to suffice there.
        watched = hasattr(sys, "monitoring")
        looked_up = self._touched.looked_up
        self._recorder.start(executed=watched, audited=True, looked_up=looked_up)
        self._children.begin()
        self._touched.begin()
        self._enter(phase, calls)

    def phase(self, name: str, calls: str = "") -> None:
        """End the running phase and begin the one called `name`.

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
        """Record no more calls: the rest of this phase is the driver's."""
        self._recorder.calls.heed("")

    def hold(self, root: object) -> None:
        """Record the references of an unpickled object's functions and classes."""
        self._recorder.hold(root)

    def stop(self, error: BaseException | None = None) -> None:
        """Record the rest and restore the import system and the environment.

        `error` is the one that ended the traced code, if one did.
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
    """Begin to record into the folder `spool`, made if missing.

    `own` are files or folders of the driver: their requests count as the traced block's own.
    Modules whose names begin with `private` are the driver's and left out. `everything`: all
    touches are recorded, also of files of the interpreter, of distributions and of the system.
    """
    process = TracedProcess(spool, own, (private,), "fresh", everything)
    process.begin("start")
    return process


def enter(private: str = "_modelenv_", beside: bool = False) -> None:
    """Continue a trace in a child interpreter, as its environment variables say.

    It may be one `beside` others in a process.
    """
    spool, phase, calls, everything = enter_variables()
    if spool is None or not os.path.isdir(spool):
        return
    import atexit

    # Bytecode names the source file of which an archive has a copy.
    files = __file__, enter.__code__.co_filename
    own = (*(os.path.dirname(file) + os.sep for file in files), "<frozen site>", _SITE)
    theirs = (private, "sitecustomize", "usercustomize")
    how = "interpreter" if beside or is_subinterpreter() else "python"
    process = TracedProcess(spool, own, theirs, how, everything)
    process.begin(phase, calls)
    atexit.register(process.stop)
