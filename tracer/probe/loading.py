"""The imports of each thread, and a record for each module as soon as it is loaded."""

from __future__ import annotations

import sys
from _thread import get_ident

from .called import LOADERS, OF_THE_SYSTEM
from .clock import clock
from .finder import file_of, initializing
from .subinterpreters import SUBINTERPRETERS

TYPE_CHECKING = False  # `typing` is too heavy to travel
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Protocol

    from .audit import Handlers
    from .importer import Importer
    from .spool import Memory, Spool

    class Recording(Protocol):
        """The recorder that the records belong to."""

        sink: Memory | Spool

        @property
        def now(self) -> str:
            """The name of the phase that runs."""

        def appeared(self, name: str) -> None:
            """Handle that a module has appeared."""


_OURS = __name__.rpartition(".")[0] + "."


class Loading:
    """Records modules as they are loaded, and when their imports end.

    Modules that were loaded before are left out, and so are those whose names begin with one of
    `private`.
    """

    def __init__(self, recording: Recording, importer: Importer, private: tuple[str, ...]) -> None:
        self._recording = recording
        self._program: Importer | None = importer if importer.child else None
        self._private = private
        self._quiet = (*private, *OF_THE_SYSTEM, _OURS)
        self._loaded = set(sys.modules)
        self._recorded: set[str] = set()
        self.stacks: dict[int, list[str]] = {}
        self.handlers: Handlers = {
            **SUBINTERPRETERS.handlers,
            "exec": self._executed,
            "import": self._extended,
        }

    def advance(self, thread: int, now: int) -> list[str]:
        """Remove the finished imports from a thread's stack; return the stack."""
        stack = self.stacks.get(thread)
        if stack is None:
            stack = self.stacks[thread] = []
        while stack:
            name = stack[-1]
            module = sys.modules.get(name)
            if module is not None:
                if name not in self._recorded:
                    self._record(name, module)
                if initializing(module):
                    break
            elif name in self._loaded:
                self._loaded.discard(name)
                self._recording.sink.put("gone", name)
            stack.pop()
            self._recording.sink.put("end", name, now, False)
            self._recording.appeared(name)
        return stack

    def started(self, name: str, function: str) -> bool:
        """Handle that a function of a module begins; return whether it is a loader's own (PEP 451).

        The request is written before it: it may end the process.
        """
        if function == "<module>":
            self.begun(name)
        if function not in LOADERS or name.startswith(self._quiet):
            return False
        self._recording.sink.flush()
        return True

    def begun(self, name: str) -> None:
        """Record a module whose code begins: it is in ``sys.modules`` by now."""
        module = sys.modules.get(name)
        if module is not None and name not in self._loaded:
            self._record(name, module)
            self._recording.sink.flush()

    def record_new(self) -> None:
        """Record each module that appeared since the last time."""
        for name, module in list(sys.modules.items()):
            if name not in self._loaded and module is not None:
                self._record(name, module)

    def record_removed(self) -> None:
        """Record each module that was loaded and has been removed."""
        for name in sorted(self._loaded.difference(sys.modules)):
            if not name.startswith(self._private):
                self._recording.sink.put("removed", name, self._recording.now)

    def record_file(self, name: str) -> None:
        """Record the file of a module that was there before, once."""
        module = sys.modules.get(name)
        if name not in self._recorded:
            self._recorded.add(name)
            if module is not None:
                self._recording.sink.put("module", name, file_of(module), self._recording.now)

    def record_program(self) -> None:
        """Record the module that a child runs as its program, once it runs."""
        program = None if self._program is None else self._program.program
        if program is not None:
            self._program = None
            name, file = program
            phase, put = self._recording.now, self._recording.sink.put
            put("import", name, None, None, 0, phase, "program", clock(), 0)
            put("module", name, file, phase)

    def forked(self) -> None:
        """Continue in a forked child with this thread's imports, of which none is recorded yet."""
        stack = self.stacks.get(get_ident(), [])
        self.stacks, self._recorded = {get_ident(): stack}, set(stack)

    def _record(self, name: str, module: ModuleType) -> None:
        self._loaded.add(name)
        self._recorded.add(name)
        # multiprocessing's second name of the main program is no imported module.
        if name != "__mp_main__" and not name.startswith(self._private):
            self._recording.sink.put("module", name, file_of(module), self._recording.now)
        self._recording.appeared(name)

    def _executed(self, _: object) -> None:
        stack = self.stacks.get(get_ident())
        if stack:
            self.begun(stack[-1])

    def _extended(self, name: object, file: object, *_: object) -> None:
        """Record an extension module before the system loads it, which may end the process."""
        if isinstance(file, str) and isinstance(name, str):
            if name not in self._loaded:
                self._loaded.add(name)
                self._recorded.add(name)
                self._recording.sink.put("module", name, file, self._recording.now)
            self._recording.sink.flush()
