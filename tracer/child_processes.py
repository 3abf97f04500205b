"""The processes that descend from this one while it traces, and the folder they record into."""

from __future__ import annotations

import os
import shutil
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from .probe.children import Children, enter_variables, temporary_folder
from .reading import Process, header_of, process_of

# Programs of the standard library and of loky that outlive what they serve and run no code of ours.
_SERVERS = ("resource_tracker", "semaphore_tracker")


class Mark(NamedTuple):
    """How far the descendants had come when a trace began."""

    folder: Path
    sizes: dict[str, int]
    notes: tuple[str, ...]


class Left(NamedTuple):
    """What descendants have left behind."""

    files: tuple[tuple[str, bytes], ...]
    """The name of each one's file, and what it wrote."""
    notes: tuple[str, ...]

    def processes(self, notes: list[str]) -> list[Process]:
        """Read the records; what is torn is added to `notes`."""
        return [process_of(name, data, notes) for name, data in self.files]


class Descent:
    """One folder for all traces of this process, made by the first and removed after the last.

    Each reads what was recorded after its own beginning. Inside a process that is traced by its
    parent the parent's folder serves, so that both see the children.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._traces = 0
        self._owner = 0
        self._children: Children | None = None
        self._folder = Path()

    def join(self) -> Mark:
        """Begin to see children; the first trace changes the environment they inherit."""
        with self._lock:
            if self._traces == 0:
                self._begin()
            self._traces += 1
            sizes = {file.name: file.stat().st_size for file in self._folder.glob("*.jsonl")}
            return Mark(self._folder, sizes, tuple(_older_children()))

    def leave(self, mark: Mark) -> Left:
        """Return what children recorded since `mark`; the last trace puts everything back."""
        with self._lock:
            self._traces -= 1
            if self._traces == 0 and self._children is not None:
                self._children.end()
                self._children = None
            notes = list(mark.notes)
            files = tuple(self._read(mark, notes))
            if self._traces == 0 and self._owner == os.getpid():
                shutil.rmtree(self._folder, ignore_errors=True)
            return Left(files, tuple(notes))

    def _begin(self) -> None:
        around, _ = enter_variables()
        if around is not None and Path(around).is_dir():
            self._owner, self._folder = 0, Path(around)
        else:
            self._owner = os.getpid()
            name = f"tracer-{os.getpid()}-{os.urandom(6).hex()}"
            self._folder = Path(temporary_folder(), name)
            self._folder.mkdir(0o700)
        self._children = Children(str(self._folder))
        self._children.begin()

    def _read(self, mark: Mark, notes: list[str]) -> Iterator[tuple[str, bytes]]:
        headers = {file: header_of(file) for file in mark.folder.glob("*.jsonl")}
        parents = {header[1]: header[2] for header in headers.values() if header}
        for file, header in sorted(headers.items(), key=lambda each: (each[1][5:6], each[0])):
            ours = self._owner == os.getpid() or _descends(header, parents)
            whole = file.read_bytes()
            data = whole[mark.sizes.get(file.name, 0) :]
            if header and ours and data:
                serves = any(word in header[4] for word in (*_SERVERS, "forkserver"))
                if b'["stop",' not in data[-64:] and not serves and _alive(header[1]):
                    notes.append(f"process {header[1]} still ran when its records were read")
                # One that ran before the mark says whose it is in what it wrote then.
                first = b"" if data == whole else whole[: whole.find(b"\n") + 1]
                yield file.name, first + data


def _descends(header: tuple[int, ...], parents: dict[int, int]) -> bool:
    """Tell whether this process started the one of `header`, or its parent, and so on."""
    process = header[1] if header else 0
    for _ in range(len(parents)):
        process = parents.get(process, 0)
        if process == os.getpid():
            return True
    return False


def _alive(process: int) -> bool:
    if os.name != "posix" or process == os.getpid():
        return False
    try:
        os.kill(process, 0)
    except OSError:
        return False
    # A child that has ended and was not waited for yet still has its number.
    status = Path(f"/proc/{process}/stat")
    try:
        return status.read_text("latin-1").rpartition(")")[2].split()[0] != "Z"
    except (OSError, IndexError):
        return not status.parent.parent.exists()


def _older_children() -> Iterator[str]:
    """Say which interpreters this process had started before: they are not traced (Linux)."""
    if sys.platform != "linux":
        return
    for child in _children():
        try:
            words = Path(f"/proc/{child}/cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        python = b"python" in words[0].rpartition(b"/")[2]
        if python and not any(server.encode() in word for word in words for server in _SERVERS):
            yield f"unseen: process {child} was started before the block"


def _children() -> Iterator[str]:
    """Yield the numbers of this process's children, whichever thread started them."""
    for listing in Path("/proc/self/task").glob("*/children"):
        try:
            yield from listing.read_text("ascii").split()
        except OSError:  # the thread has ended meanwhile
            continue


DESCENT = Descent()
