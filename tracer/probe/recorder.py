"""The stream of records of one process, joined from all that is seen of it."""

from __future__ import annotations

import os
import sys
from _thread import get_ident

from .audit import AUDIT
from .called import OF_THE_SYSTEM, STARTS_PROGRAM
from .calls import Calls
from .children import why_unseen_popen
from .clock import clock
from .executed import watcher
from .failures import ended_by
from .finder import Observer
from .held import Holding
from .importer import BLOCK
from .lazy import lazy_imports, resolve_own
from .loading import Loading
from .lookups import LOOKS_UP, looked_up, may_look_up, tell_loading
from .older import Older
from .spool import Memory, Spool
from .subinterpreters import MODULES, SUBINTERPRETERS

TYPE_CHECKING = False  # `typing` is too heavy to travel
if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Mapping
    from types import FrameType
    from typing import Any

    from .finder import LookedUp
    from .held import Edge
    from .importer import Importer, Place

# The import system runs for every import.
_NOWHERE = ("builtins", "importlib", "__main__")
_OURS = __name__.rpartition(".")[0] + "."


class Recorder:
    """Records imports, their outcomes and what else runs, phase by phase.

    That a module is loaded, and its file, is recorded as soon as the next event shows it, so a
    process that is killed has recorded all modules but the one it was in. In a forked child the
    records go on in a spool of its own in `folder`; without a folder they end there. Modules whose
    names begin with one of `private` are the driver's and left out.
    """

    def __init__(
        self,
        sink: Memory | Spool,
        importer: Importer,
        folder: str | None = None,
        private: Iterable[str] = (),
    ) -> None:
        resolve_own(_OURS)
        self.sink = sink
        self.importer = importer
        self._folder = folder
        self._private = tuple(private)
        self._quiet = self._private + OF_THE_SYSTEM
        self._pid = os.getpid()
        self._phase = ""
        self._whole = False
        self._loading = Loading(self, importer, self._private)
        self.seen: set[str] = set()
        self._edges: set[tuple[str, str]] = set()
        self.calls = Calls(self, self._private)
        self._lazy = lazy_imports()
        self._holding = Holding(importer, self._private)
        self._looked_up: LookedUp | None = None
        self._watched = False
        self._importing: Callable[[str, FrameType], None] | None = None
        self._ending: list[Callable[[], None]] = []
        self._older = Older(importer, self._private)

    def start(self, *, executed: bool, audited: bool, looked_up: LookedUp | None = None) -> None:
        """Begin to record; `executed` runs of code too, `audited` modules as they begin.

        `looked_up` is called for distributions that are looked up by name.
        """
        watch = watcher() if executed else None
        self._whole, self._looked_up = audited, looked_up
        observer = Observer(self._imported, looked_up)
        observer.install()
        self._ending.append(observer.remove)
        if audited:
            self._audit()
        if self._folder is not None:
            self._ending.append(SUBINTERPRETERS.listen(self._unseen))
        if watch is not None:
            self._importing = watch.importing
            if self._importing is not None:
                self._older.remember()
            self._watched = watch.listen(self)
            if self._watched:
                self.calls.watch = watch
                self._ending.append(lambda: watch.leave(self))
            else:
                self.note("modules that only ran were not seen: no monitoring tool is free")

    def stop(self) -> None:
        """Record the rest and leave nothing in the import system."""
        self._fork()
        self.calls.heed("")
        while self._ending:
            self._ending.pop()()
        for edge in self._holding.older(self.seen, self._older, self._edges):
            self._hold(edge, "held")
        self.catch_up()
        self._loading.record_removed()
        self.sink.put("stop", clock())
        self.sink.flush()

    def phase(self, name: str, calls: str = "") -> None:
        """End the running phase and begin the one called `name`.

        With `calls` it is recorded which packages others call in it, see `Calls`: by the first call
        of each place ("places"), or by more calls, which takes longer ("all").
        """
        self.catch_up()
        self._phase = name
        self.sink.put("phase", name, clock())
        self.calls.heed(calls)

    @property
    def stacks(self) -> dict[int, list[str]]:
        """The modules that each thread is importing, by its id, the innermost last."""
        return self._loading.stacks

    @property
    def now(self) -> str:
        """The name of the phase that runs."""
        return self._phase

    def note(self, text: str) -> None:
        """Record a sentence about what cannot be seen."""
        self.record("note", text)

    def record(self, kind: str, *values: str | int | None) -> None:
        """Write one record at once."""
        self._fork()
        self.sink.put(kind, *values)
        self.sink.flush()

    def escaped(self, error: BaseException | None) -> None:
        """Record the failed imports that no code caught, from the error that ended the block."""
        for name, kind in ended_by(error):
            self.sink.put("escaped", name)
            self.sink.put("error", name, kind)

    def catch_up(self) -> None:
        """Record each module that appeared since the last time, and the references to it."""
        self._fork()
        self._loading.record_program()
        for thread in list(self.stacks):
            self._advance(thread, clock())
        self._loading.record_new()
        self.sink.flush()

    def hold(self, roots: object = None) -> None:
        """Record the modules that first-party ones refer to (a cached import leaves no event).

        `roots` may be an unpickled model, whose functions and classes are looked at as well.
        """
        self._fork()
        for edge in self._holding.held(roots, self._edges):
            self._hold(edge, "held")
        self.hold_lazy()
        self.sink.flush()

    def hold_lazy(self, among: Container[str] | None = None) -> None:
        """Record the unused lazy imports of first-party modules, or of those `among` some."""
        if self._lazy is not None:
            for edge, is_loaded in self._holding.lazy(self._lazy.left(), among):
                self._hold(edge, "held" if is_loaded else "lazy")

    def _hold(self, edge: Edge, how: str) -> None:
        if not any((name or "").startswith(self._private) for name in edge[:2]):
            if how == "held":
                self._loading.record_file(edge[0])
            self.sink.put("import", *edge, self._phase, how, clock(), 0)

    # Events of the watchers, see `listener.Listener`.

    @property
    def rests(self) -> bool:
        """Whether nothing inside an import has to be reported: references have to suffice then."""
        hears = self._whole or self.calls.heeded or self._looked_up is not None
        return not hears and self._older.may_pass(self.seen)

    @property
    def settled(self) -> set[str]:
        """Modules of which only uses by first-party code matter."""
        return self.calls.settled if self.calls.heeded else self.seen

    def started(self, name: object, frame: FrameType) -> bool:
        """Handle that a function of module `name` begins in `frame`; return as `Listener` does."""
        if not isinstance(name, str):
            return False
        again = self._loading.started(name, frame.f_code.co_name)
        if name == "subprocess" and frame.f_code.co_name == STARTS_PROGRAM:
            self._program(frame.f_locals)
        elif self._looked_up is not None and (name, frame.f_code.co_name) in LOOKS_UP:
            for each in looked_up(name, frame):
                self._looked_up(each, frame)
        if name not in self.seen:
            self._ran(name, frame.f_back)
        return self.calls.heard(name, frame.f_back, frame) or again

    def called(self, name: object, frame: FrameType, compiled: bool) -> bool:
        """Handle that the code of `frame` calls something of module `name`; return as above."""
        if not isinstance(name, str):
            return False
        if name not in self.seen:
            self._ran(name, frame)
        elif self.importer.kind(frame.f_code) == "code":
            caller = frame.f_globals.get("__name__")
            if isinstance(caller, str) and caller != name and (caller, name) not in self._edges:
                self._edges.add((caller, name))
                if name.partition(".")[0] not in self.importer.standard:
                    self._ran(name, frame)
        return compiled and self.calls.heard(name, frame)

    def returned(self, name: object, well: bool) -> None:
        """Handle that the code of module `name` itself has ended; `well`: it did not fail."""
        thread = get_ident()
        stack = self.stacks.get(thread)
        if not stack:
            return
        now = clock()
        if stack[-1] != name:
            self._advance(thread, now)
        if stack and stack[-1] == name:
            self.sink.put("end", stack[-1], now, True)
            if well:
                self._loading.begun(stack[-1])
                self.appeared(stack.pop())
                self.calls.catch_up(stack)

    def raised(self, name: object, error: BaseException, frame: FrameType | None) -> None:
        """Handle the failing import of module `name`, for the code of `frame`."""
        if not isinstance(name, str) or name.startswith(self._private):
            return
        if sys.modules.get(name, self) is None:  # kept out by hand: no finder is asked
            self._imported(name, frame, looked=False)
        self.sink.put("error", name, type(error).__name__)
        self.sink.flush()

    def let_through(self, name: str) -> None:
        """Handle that the code that asked for module `name` did not catch that error."""
        self.sink.put("escaped", name)

    def was_called(self, name: str, frame: FrameType) -> None:
        """Handle that the code of `frame` called module `name`, see `Calls`."""
        ours = self.importer.kind(frame.f_code) == "own"
        self._record_use("called", name, BLOCK if ours else self.importer.place(frame, name))

    # Events of the observer.

    def _imported(self, name: str, frame: FrameType | None, looked: bool) -> None:
        if name.startswith(self._private):
            return
        if os.getpid() != self._pid:
            self._fork()
        self._loading.record_program()
        now = clock()
        thread = get_ident()
        stack = self._advance(thread, now)
        user = self.importer.of(frame, name)
        place = None
        if self._lazy is not None and frame is not None and not looked:
            place = self.importer.declared(self._lazy.declared(name, frame))
        if self._looked_up is not None and not self._watched and may_look_up(sys.modules):
            tell_loading(frame, self._looked_up)
        how = "looked" if looked else "imported"
        self.sink.put("import", name, *(place or user), self._phase, how, now, thread)
        if place is not None and user[1] is not None:
            self.sink.put("used", name, *user)
        # If each end is seen it is written as its code begins, or with the end: a flush less.
        if looked or not self._watched or self._importing is not None:
            self.sink.flush()
        if not looked:
            stack.append(name)
            self.seen.add(name)
            if self._importing is not None and frame is not None and frame.f_back is not None:
                self._importing(name, frame.f_back)

    def _ran(self, name: str, caller: FrameType | None) -> None:
        if caller is not None:
            kind = self.importer.kind(caller.f_code)
            if kind in ("own", "system"):
                return
            if kind == "library" and caller.f_globals.get("__name__") == name:
                return  # the import system called it: a finder
        self.seen.add(name)
        if name.startswith(self._quiet) or name in _NOWHERE or name not in sys.modules:
            return
        place = self.importer.of(caller, name, use=True)
        if self._whole and place == BLOCK:
            return  # all that the block uses was imported in this process: this is a tool's
        self._record_use("ran", name, place)

    def _record_use(self, how: str, name: str, place: Place) -> None:
        self._fork()
        self._loading.record_file(name)
        self.sink.put("import", name, *place, self._phase, how, clock(), 0)
        self.sink.flush()

    def _program(self, values: Mapping[str, Any]) -> None:
        """Record an interpreter that is started and cannot be traced."""
        unseen = why_unseen_popen(values) if self._folder is not None else None
        if unseen is not None:
            self._unseen(unseen)

    def _unseen(self, text: str) -> None:
        self.record("unseen", text, self._phase)

    def appeared(self, name: str) -> None:
        """Handle that a module has appeared."""
        if name in MODULES and self._folder is not None:
            SUBINTERPRETERS.attend(name)

    def _advance(self, thread: int, now: int) -> list[str]:
        """Remove the finished imports from a thread's stack; return the stack."""
        stack = self._loading.advance(thread, now)
        self.calls.catch_up(stack)
        return stack

    def _audit(self) -> None:
        AUDIT.listen(self._loading.handlers)
        self._ending.append(lambda: AUDIT.leave(self._loading.handlers))

    def _fork(self) -> None:
        """Continue in a separate spool after a fork."""
        pid = os.getpid()
        if pid == self._pid:
            return
        self._pid = pid
        self._loading.forked()
        if self._folder is None:
            self.sink = Memory()
            return
        self.sink = Spool(self._folder, "fork")
        self.sink.put("phase", self._phase, clock())
        if self._loading.handlers not in AUDIT:
            self._audit()
