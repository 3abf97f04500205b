"""See what else is touched: data files, shared libraries, hosts, programs."""

from __future__ import annotations

import os
import sys

from .audit import AUDIT
from .children import temporary_folder, why_unseen

TYPE_CHECKING = False  # `typing` is too heavy to travel
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from .recorder import Recorder

# What belongs to the machine and changes from one to the next.
_SYSTEM = ("/proc/", "/sys/", "/dev/", "/etc/ld.so", "/run/", "/var/run/")
_CODE = (".py", ".pyc", ".pyi", ".pth", ".egg-link", ".so", ".pyd", ".dll", ".dylib")
_PACKAGES = (os.sep + "site-packages" + os.sep, os.sep + "dist-packages" + os.sep)
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_MEMORY_MAP = "/proc/self/maps"
# The interpreter's own and the loader: every process has them.
_EVERYWHERE = ("ld-linux", "libpython", "linux-vdso", "libc.so", "libc-", "libm.so", "libm-")


class Touched:
    """Record what the process opens, connects to and starts, each once.

    Left out are files of the interpreter, of installed distributions and of temporary folders,
    what the process wrote itself, and code: unless `everything` is to be recorded, and then what
    it writes and the sockets that it connects to by a path as well. A file that C code opens raises
    no event: unseen.
    """

    def __init__(self, recorder: Recorder, everything: bool = False) -> None:
        self._recorder = recorder
        self._everything = everything
        self._seen: set[tuple[str, str]] = set()
        self._written: set[str] = set()
        self._outside: dict[str, bool] = {}
        self._inside = (*_interpreter(), temporary_folder() + os.sep)
        self._here = os.getcwd() + os.sep

    def begin(self) -> None:
        """Listen to the audit events of this process."""
        self._libraries = own_libraries()
        AUDIT.listen(self._heard)

    def end(self) -> None:
        """Listen no more; record the libraries that were mapped since the beginning."""
        AUDIT.leave(self._heard)
        for library in sorted(own_libraries(self._everything).difference(self._libraries)):
            self._note("library", library)

    def _heard(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open":
            self._opened(*arguments)
        elif event == "sqlite3.connect":
            self._opened(arguments[0], "r", 0)
        elif event == "socket.connect":
            self._connected(arguments[1])
        elif event in ("socket.getaddrinfo", "socket.gethostbyname"):
            host = arguments[0]
            port = arguments[1] if event == "socket.getaddrinfo" else None
            self._connected((host, port))
        elif event == "subprocess.Popen":
            self._started(arguments[0], arguments[1], arguments[3])
        elif event == "os.system":
            self._note("program", _text(arguments[0]).strip().partition(" ")[0])
        elif event in ("os.exec", "os.posix_spawn"):
            self._started(*arguments[:3])
        elif event == "os.spawn":
            self._started(*arguments[1:4])

    def _opened(self, path: object, mode: object, flags: object) -> None:
        if not isinstance(path, (str, bytes)):
            return
        text = os.fsdecode(path)
        if not self._is_outside(text):
            return
        file = os.path.abspath(text)
        mode_bits = flags if isinstance(flags, int) else 0
        writing = mode_bits & _WRITING
        if self._everything:
            if writing or os.path.isfile(file):
                self._note("file", file)
        elif writing:
            if not (mode_bits & os.O_RDWR and os.path.isfile(file)):
                self._written.add(file)
        elif file not in self._written and os.path.isfile(file):
            self._note("file", file)

    def _is_outside(self, path: str) -> bool:
        """Tell whether a file is the traced code's own matter; remembered by folder."""
        if self._everything:
            return True
        if path.endswith(_CODE) or path.startswith(_SYSTEM):
            return False
        folder = os.path.dirname(path)
        known = self._outside.get(folder)
        if known is None:
            whole = os.path.abspath(folder) + os.sep
            inside = whole.startswith(self._inside) and not whole.startswith(self._here)
            known = not inside and not _installed(whole)
            self._outside[folder] = known
        return known

    def _connected(self, address: object) -> None:
        # Sockets of this machine's own files have a string for an address.
        if self._everything and isinstance(address, str):
            self._note("file", os.path.abspath(address))
        if isinstance(address, tuple) and len(address) >= 2 and address[0] is not None:
            host, port = _text(address[0]), address[1]
            text = host if port in (None, "") else "%s:%s" % (host, _text(port))
            if host:
                self._note("host", text)

    def _started(self, program: object, arguments: object, environment: object) -> None:
        if isinstance(arguments, (str, bytes)):
            arguments = [arguments]
        words = list(arguments) if isinstance(arguments, (list, tuple)) else []
        name = _text(program) or (_text(words[0]) if words else "")
        if name:
            self._note("program", name)
            mapping = environment if isinstance(environment, dict) else None
            unseen = why_unseen([name, *words[1:]], mapping)
            if unseen is not None:
                self._note("unseen", unseen)

    def _note(self, kind: str, name: str) -> None:
        if (kind, name) not in self._seen:
            self._seen.add((kind, name))
            self._recorder.record(kind, name, self._recorder.now)


def own_libraries(everything: bool = False) -> frozenset[str]:
    """List the shared libraries that are mapped and lie outside interpreter and distributions.

    With `everything` those inside too. Empty where the system has no ``/proc``.
    """
    if not os.path.exists(_MEMORY_MAP):
        return frozenset()
    inside = tuple(_interpreter())
    found = set()
    with open(_MEMORY_MAP, encoding="utf-8", errors="surrogateescape") as file:
        for line in file:
            path = line[line.find("/") :].rstrip("\n") if "/" in line else ""
            name = path.rpartition("/")[2]
            if (name.endswith(".so") or ".so." in name) and path not in found:
                ours = path.startswith(inside) or _installed(path) or name.startswith(_EVERYWHERE)
                if everything or not ours:
                    found.add(path)
    return frozenset(found)


def _installed(path: str) -> bool:
    return any(part in path for part in _PACKAGES)


def _interpreter() -> Iterable[str]:
    """Yield the folders of the interpreter, both as they are named and as they are."""
    library = os.path.dirname(os.__file__)
    folders = [library, os.path.join(library, "lib-dynload")]
    # /usr as a prefix holds the whole system.
    folders += [each for each in (sys.prefix, sys.base_prefix) if each not in ("/usr", "/")]
    for folder in folders:
        yield folder + os.sep
        yield os.path.realpath(folder) + os.sep
    for file in (sys.executable, os.path.realpath(sys.executable or "")):
        if file:
            yield file


def _text(value: object) -> str:
    if isinstance(value, (bytes, os.PathLike)):
        return os.fsdecode(value)
    return "" if value is None else str(value)
