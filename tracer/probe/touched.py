"""Other touches: files, libraries, programs, hosts, metadata, and the code that asked for them."""

from __future__ import annotations

import os
import sys

from .audit import AUDIT
from .children import why_unseen
from .finder import file_of, is_import
from .libraries import MAPS_ARE_SHOWN, mapped, matching
from .looking import looks_around
from .lookups import asker, normalized
from .places import Places, source_of
from .programs import find_program, is_this_interpreter
from .shell import programs_in

TYPE_CHECKING = False  # `typing` is too heavy to travel
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import FrameType

    from .audit import Handlers, Settled
    from .importer import Importer, Place
    from .recorder import Recorder

_CODE = (".py", ".pyc", ".pyw", ".so", ".pyd", ".dll", ".dylib")
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_OURS = __name__.rpartition(".")[0] + "."
_NOBODY: Place = (None, None, 0)
_SHELL = "sh"


class Touches:
    """Records what the process reads, loads, contacts and starts, and for whom.

    Left out are files of the interpreter and of temporary folders, reads of the import system,
    files opened only to list what exists, and files that the process wrote itself: unless
    `everything` is of interest, and then its writes and the sockets that it connects to by a path
    as well. A file opened by C code raises no event: it is seen if it is mapped. `note` receives
    sentences about what cannot be seen.
    """

    def __init__(
        self, importer: Importer, note: Callable[[str], None], everything: bool = False
    ) -> None:
        self._importer = importer
        self._say = note
        self._everything = everything
        self._places = Places()
        self._seen: set[tuple[str, str]] = set()
        self._written: set[str] = set()
        self._mapped: set[str] = set()
        self._lines: set[bytes] = set()
        # Libraries requested without a path, and the code that asked.
        self._asked: dict[str, Place] = {}
        self._settled: Settled = {}
        self._handlers: Handlers = {
            "open": self._opened,
            "os.rename": self._renamed,
            "sqlite3.connect": self._database,
            "sqlite3.load_extension": self._extension,
            "ctypes.dlopen": self._loaded,
            "socket.connect": self._connected,
            "socket.getaddrinfo": self._resolved,
            "socket.gethostbyname": self._resolved,
            "subprocess.Popen": self._started,
            "os.system": self._told_shell,
            "os.exec": self._became,
            "os.posix_spawn": self._spawned,
            "os.spawn": self._spawned_by_mode,
        }

    def begin(self) -> None:
        """Begin to receive the audit events of this process."""
        if not self._everything:
            self._mapped.update(AUDIT.unheard(self._newly_mapped))
        AUDIT.listen(self._handlers, self._settled)
        if not MAPS_ARE_SHOWN:
            self._say("libraries are seen only where ctypes loads them on this system")

    def catch_up(self) -> None:
        """Record the files mapped since the last time."""
        now = AUDIT.unheard(mapped if self._asked else self._newly_mapped)
        libraries = [path for path, kind in now.items() if kind == "library"]
        asked: dict[str, Place] = {}
        for name, place in self._asked.items():
            path = matching(name, libraries)
            if path is not None:
                asked.setdefault(path, place)
        self._asked.clear()
        for path in sorted((now.keys() - self._mapped).union(asked)):
            self._note_mapped(path, now[path], asked.get(path, _NOBODY))
        self._mapped.update(now)

    def _newly_mapped(self) -> dict[str, str]:
        return mapped(self._lines)

    def end(self) -> None:
        """Stop receiving events; record the files mapped since the last time."""
        AUDIT.leave(self._handlers)
        self.catch_up()

    # Files.

    def _opened(self, path: object, mode: object = None, flags: object = 0) -> None:
        # Most files that a process opens are imports: those have to end here, soon.
        frame = sys._getframe(1).f_back
        if frame is not None and is_import(frame) and not self._everything:
            return
        if not isinstance(path, int):
            self._opened_file(path_of(path), flags if isinstance(flags, int) else 0)

    def _opened_file(self, file: str, bits: int) -> None:
        if self._everything:
            if bits & _WRITING or os.path.isfile(file):
                self._note("file", file)
            return
        file = source_of(file)
        if self._places.holds(file) and ("file", file) not in self._seen:
            self._opened_in_place(file, bits)

    def _opened_in_place(self, file: str, flags: int) -> None:
        reads = not flags & _WRITING or (flags & os.O_RDWR and not flags & os.O_TRUNC)
        if not reads or (flags & _WRITING and not os.path.isfile(file)):
            self._written.add(file)
        elif file not in self._written and os.path.isfile(file) and not looks_around(asking()):
            self._note_file(file)

    def _renamed(self, source: object, target: object, *_: object) -> None:
        if _absolute(_text(source)) in self._written:
            self._written.add(_absolute(_text(target)))

    def _database(self, name: object, *_: object) -> None:
        file = _absolute(_database_file(_text(name)))
        if os.path.isfile(file):
            self._opened(file)
        else:
            self._written.add(file)

    def _note_file(self, file: str, place: Place | None = None) -> None:
        driver = self._importer.kind_of(file) == "own"
        if not driver and not (file.endswith(_CODE) and _is_module(file)):
            self._note("file", file, place)

    # Libraries.

    def _extension(self, connection: object, path: object) -> None:
        self._loaded(path)

    def _loaded(self, name: object) -> None:
        """Handle a request to a loader, before the library is looked for."""
        text = _text(name)
        if not text:
            return
        if os.path.dirname(text):
            file = _absolute(text)
            if ("library", file) not in self._seen:
                # The loader maps the target of a link.
                self._mapped.add(os.path.realpath(file))
                self._note_mapped(file, "library", self._place(asking()))
        elif MAPS_ARE_SHOWN:
            self._asked.setdefault(text, self._place(asking()))
        else:
            self._note("library", text)

    def _note_mapped(self, path: str, kind: str, place: Place) -> None:
        held = self._places.holds_library if kind == "library" else self._places.holds
        if path in self._written or not (self._everything or held(path)):
            return
        if os.path.isfile(path):  # a file in memory has a path as well
            if kind == "library":
                self._note(kind, path, place)
            else:
                self._note_file(path, place)

    # Hosts.

    def _connected(self, _: object, address: object) -> None:
        # Unix sockets have a string as address.
        if self._everything and isinstance(address, str):
            self._note("file", _absolute(address))
        if isinstance(address, tuple) and len(address) >= 2:
            self._resolved(*address)

    def _resolved(self, host: object, port: object = None, *_: object) -> None:
        name = _text(host)
        if name:
            self._note("host", name if port in (None, "") else "%s:%s" % (name, _text(port)))

    # Programs.

    def _started(
        self, program: object, arguments: object, folder: object, environment: object
    ) -> None:
        words = [arguments] if isinstance(arguments, (str, bytes)) else arguments
        words = [_text(each) for each in words] if isinstance(words, (list, tuple)) else []
        name = _text(program) or (words[0] if words else "")
        if not name:
            return
        mapping = environment if isinstance(environment, dict) else None
        where = _text(folder) or None
        self._note_program(find_program(name, where, mapping) or name)
        self._told([name, *words[1:]], where, mapping)

    def _told(
        self, words: list[str], folder: str | None, environment: Mapping[object, object] | None
    ) -> None:
        """Record a command given to another program, and that it is an untraceable Python."""
        for told in programs_in(words):
            found = find_program(told, folder, environment)
            if found is not None:
                self._note_program(found)
        unseen = why_unseen(words, environment)
        if unseen is not None:
            self._note("unseen", unseen)

    def _told_shell(self, command: object) -> None:
        self._told([_SHELL, "-c", _text(command)], None, None)

    def _became(self, program: object, arguments: object, environment: object) -> None:
        # Each folder on the path is tried in turn.
        if os.path.isfile(_text(program)):
            self._started(program, arguments, None, environment)

    def _spawned(self, program: object, arguments: object, environment: object) -> None:
        self._started(program, arguments, None, environment)

    def _spawned_by_mode(
        self, _: object, program: object, arguments: object, environment: object
    ) -> None:
        self._started(program, arguments, None, environment)

    def _note_program(self, program: str) -> None:
        # Our own interpreter is traced itself.
        if self._everything or not (is_this_interpreter(program) or looks_around(asking())):
            self._note("program", program)

    def _note(self, kind: str, name: str, place: Place | None = None) -> None:
        """Handle one more touch, for the code at `place` if that is known."""
        raise NotImplementedError

    def _place(self, frame: FrameType | None) -> Place:
        return self._importer.user(frame)


class Touched(Touches):
    """Records each touch once, for the first code that asked, and lookups of metadata."""

    def __init__(self, recorder: Recorder, everything: bool = False) -> None:
        super().__init__(recorder.importer, recorder.note, everything)
        self._recorder = recorder

    def looked_up(self, name: str, frame: FrameType | None) -> None:
        """Record that the code of `frame` looks a distribution up by its name."""
        self._note("metadata", normalized(name), self._place(asker(frame)))

    def _note(self, kind: str, name: str, place: Place | None = None) -> None:
        if (kind, name) in self._seen:
            return
        self._seen.add((kind, name))
        module, file, line = self._place(asking()) if place is None else place
        self._recorder.record(kind, name, self._recorder.now, module, file, line or None)


def asking() -> FrameType | None:
    """Return the innermost frame that is not our own."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and str(frame.f_globals.get("__name__")).startswith(_OURS):
        frame = frame.f_back
    return frame


def path_of(path: object) -> str:
    """Return the absolute path of a path that is opened: a text, bytes or a path object."""
    return _absolute(_text(path))


def _is_module(file: str) -> bool:
    """Return whether a module was loaded from a file: sources are also read to show their lines."""
    return any(file_of(module) == file for module in list(sys.modules.values()))


def _database_file(name: str) -> str:
    """Return the file of a name for SQLite, which may be a URI.

    >>> _database_file("file:///data/my%20facts.db?mode=ro")
    '/data/my facts.db'
    """
    if not name.startswith("file:"):
        return name
    path = name[5:].partition("?")[0].partition("#")[0]
    if path.startswith("//"):
        path = "/" + path[2:].partition("/")[2]
    first, *rest = path.split("%")
    try:
        pieces = [bytes([int(each[:2], 16)]) + os.fsencode(each[2:]) for each in rest]
    except ValueError:
        return path
    return os.fsdecode(b"".join([os.fsencode(first), *pieces]))


def _absolute(path: str) -> str:
    try:
        return os.path.abspath(path)
    except OSError:  # the working folder is gone
        return path


def _text(value: object) -> str:
    if isinstance(value, (bytes, os.PathLike)):
        return os.fsdecode(value)
    return "" if value is None else str(value)
