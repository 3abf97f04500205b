"""The module, file and line on whose behalf code runs."""

from __future__ import annotations

import os
import sys

from .finder import FINDS, LOADS
from .statements import STATEMENTS

TYPE_CHECKING = False  # `typing` is too heavy to travel
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from types import CodeType, FrameType

    from .lazy import Declared

    Place = tuple[str | None, str | None, int]

# The block itself: its unpickler, or the main program of a child process.
BLOCK: Place = (None, None, 0)

# Imports that these folders and files make by unpickling are made for others. Their own import
# statements are theirs.
_UNPICKLING = ("cloudpickle", "dill", "joblib", "loky", "multiprocess")
_UNPICKLERS = tuple(
    file.replace("/", os.sep)
    for file in (
        "/pandas/io/pickle.py",
        "/pandas/compat/pickle_compat.py",
        "/torch/serialization.py",
        "/torch/_weights_only_unpickler.py",
    )
)
# A `python -c` program that begins with one of these belongs to the library, not to the model.
_SPAWNERS = ("joblib.", "loky.", "multiprocess.", "multiprocessing.")
_ASKERS = ("code", "library")
_PACKAGES = ("site-packages", "dist-packages")


def _standard_names() -> frozenset[str]:
    names = getattr(sys, "stdlib_module_names", None)
    if names is not None:
        # Since 3.15 a distributor's additions to Python are imported for each traceback that is
        # shown.
        return frozenset(names) | {"_missing_stdlib_info"}
    folder = os.path.dirname(os.__file__)
    found = {entry.partition(".")[0] for entry in os.listdir(folder)}
    dynamic = os.path.join(folder, "lib-dynload")
    if os.path.isdir(dynamic):
        found.update(entry.partition(".")[0] for entry in os.listdir(dynamic))
    return frozenset(found.union(sys.builtin_module_names).difference(_PACKAGES))


class Importer:
    """Finds the code that asked for a module, from the frame that did.

    The standard library imports for others (``importlib.metadata`` loads an entry point, ``runpy``
    a script, ``pickle`` a class): when it imports something else than its own modules, its caller
    is named. ``own`` are files or folders of the driver, whose requests count as the traced
    block's; in a ``child`` process so do those of a program given by ``-c``. Programs that a
    library of processes starts there, by ``-c`` or ``-m``, and its own pickles, are that library's.
    """

    def __init__(self, own: Iterable[str] = (), child: bool = False) -> None:
        self._own = tuple(own)
        self.child = child
        self._spawner = _spawner() if child else None
        self.kinds: dict[str, str] = {}
        self._folders: dict[str, str] = {}
        self._stdlib = os.path.dirname(os.__file__) + os.sep
        self.standard = _standard_names()

    @property
    def program(self) -> tuple[str, str] | None:
        """The module that a child process runs as its program, and its file, once it runs.

        A script given by its path has the name that its folder would import it by. None: a program
        given by ``-c``, one that a library of processes starts, or not a child's.
        """
        if not self.child or self._spawner is not None:
            return None
        main = getattr(sys.modules.get("__main__"), "__dict__", {})
        file, name = main.get("__file__"), getattr(main.get("__spec__"), "name", None)
        if not isinstance(file, str) or main.get("__name__") != "__main__":
            return None  # multiprocessing puts its parent's program there under another name
        name = name or os.path.splitext(os.path.basename(file))[0]
        return (name, os.path.abspath(file)) if name != "__main__" else None

    def of(self, frame: FrameType | None, name: str, use: bool = False) -> Place:
        """Return module, file and line that asked for `name`; None, None, 0 is the block.

        With `use` it is not an import: the frame calls something of `name`.
        """
        top = name.partition(".")[0]
        inner = top in self.standard
        kinds = self.kinds
        while frame is not None:
            # Asking a frame for its code is an audit event, and most are the import system's.
            names = frame.f_globals
            if names is FINDS or names is LOADS:
                frame = frame.f_back
                continue
            file = frame.f_code.co_filename
            kind = kinds.get(file)
            if kind is None:
                kind = kinds[file] = self.kind_of(file)
            if kind != "system":
                if kind in _ASKERS or (kind == "standard" and inner):
                    return self._place_in(file, frame, name)
                if kind == "unpickler" and (use or _for_itself(frame, top)):
                    return self._place_in(file, frame, name)
                if kind == "own":
                    break
            frame = frame.f_back
        if self._spawner is not None and self._spawner.startswith(top + "."):
            return self._spawner, None, 0
        return BLOCK

    def user(self, frame: FrameType | None) -> Place:
        """Return the code that uses something other than a module, from the frame that does it.

        The standard library always does so for its caller.
        """
        return self.of(frame, "", use=True)

    def place(self, frame: FrameType, name: str) -> Place:
        """Return module, file and line of a frame that asks for `name`."""
        return self._place_in(frame.f_code.co_filename, frame, name)

    def _place_in(self, file: str, frame: FrameType, name: str) -> Place:
        if self.child and file.startswith("<") and frame.f_globals.get("__name__") == "__main__":
            return _program(frame, name.partition(".")[0])
        return self._asker(frame.f_globals), file, frame.f_lineno

    def declared(self, lazy: Declared | None) -> Place | None:
        """Return the code that declares a lazy import; None: unknown, or of no interest."""
        if lazy is None or lazy.code is None:
            return None
        kind, file = self.kind(lazy.code), lazy.code.co_filename
        if kind not in (*_ASKERS, "unpickler") and (
            kind != "standard" or lazy.top not in self.standard
        ):
            return None
        if self.child and file.startswith("<") and lazy.scope.get("__name__") == "__main__":
            return BLOCK
        return self._asker(lazy.scope), file, lazy.line

    def _asker(self, scope: Mapping[str, object]) -> str | None:
        """Return the name of the module with these globals; for a child's program its own name."""
        name = scope.get("__name__")
        if self.child and name == "__main__":
            name = getattr(scope.get("__spec__"), "name", None) or name
        return name if isinstance(name, str) else None

    def kind(self, code: CodeType) -> str:
        """Return the kind of code that made an import.

        One of `own`, `system` (the import system), `standard`, `unpickler`, `library` (what lies
        in a site-packages folder), and `code`, everything else: the model's own.
        """
        file = code.co_filename
        kind = self.kinds.get(file)
        if kind is None:
            kind = self.kinds[file] = self.kind_of(file)
        return kind

    def kind_of(self, file: str) -> str:
        """Return the kind of code in a file."""
        if file.startswith(self._own):
            return "own"
        if file.startswith("<frozen "):
            return "system" if file.startswith("<frozen importlib") else "standard"
        if file.startswith(self._stdlib):
            below = file[len(self._stdlib) :]
            if below.startswith("importlib" + os.sep):
                return "system" if below[10:] in ("__init__.py", "util.py") else "standard"
            if not below.startswith(_PACKAGES):
                return "standard"
        if file.endswith(_UNPICKLERS):
            return "unpickler"
        folder = file.rpartition(os.sep)[0]
        kind = self._folders.get(folder)
        if kind is None:
            kind = self._folders[folder] = _kind_of_folder(folder)
        return kind


def _kind_of_folder(folder: str) -> str:
    parts = folder.split(os.sep)
    if any(part in parts for part in _UNPICKLING):
        return "unpickler"
    return "library" if any(os.sep + part in folder for part in _PACKAGES) else "code"


def _for_itself(frame: FrameType, top: str) -> bool:
    """Return whether an unpickler's frame imports by a statement, or from its own package."""
    home = frame.f_globals.get("__name__")
    own = isinstance(home, str) and home.partition(".")[0] == top
    return own or STATEMENTS.at(frame) is not None


def _spawner() -> str | None:
    """Return the module that this interpreter was told to run, if a library of processes did so."""
    words = getattr(sys, "orig_argv", None) or _command_line()
    if "-m" in words[:-1]:
        program: str = words[words.index("-m") + 1]
        return program if program.startswith(_SPAWNERS) else None
    return None


def _command_line() -> list[str]:
    try:
        with open("/proc/self/cmdline", "rb") as file:
            return [os.fsdecode(word) for word in file.read().split(b"\0")]
    except OSError:
        return []


def _program(frame: FrameType, top: str) -> Place:
    """Return the author of a program given by ``-c``: a library of processes, or the block."""
    for name in frame.f_code.co_names:
        if name.startswith(_SPAWNERS) and name.startswith(top + "."):
            return name, None, 0
    return BLOCK
