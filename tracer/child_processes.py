"""The descendants of this process while it traces, and the folder they record into."""

from __future__ import annotations

import os
import shutil
import sys
import threading
from collections.abc import Container, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from .probe.children import Children, enter_variables, temporary_folder
from .probe.entering import EntryCopy
from .reading.process_events import ProcessEvents
from .reading.spool_file import LONGEST_HEADER, Header, events_of, header_of, read_file

_SUBINTERPRETER = "interpreter"
# Helpers of the standard library and of loky that outlive their users and run none of their code.
_SERVERS = ("resource_tracker", "semaphore_tracker")
_FORK_SERVER = "forkserver"


class Mark(NamedTuple):
    """The state of the descendants' records when a trace began."""

    folder: Path
    sizes: dict[str, int]
    notes: tuple[str, ...]


class Recorded(NamedTuple):
    """The records of one descendant: its header, the name of its file, the bytes, notes."""

    header: Header
    name: str
    data: bytes
    notes: tuple[str, ...]


class ChildRecords(NamedTuple):
    """The records that descendants left behind."""

    files: tuple[Recorded, ...] = ()
    notes: tuple[str, ...] = ()

    def processes(self) -> list[ProcessEvents]:
        """Read the records of each."""
        return [ProcessEvents.of(events_of(each.name, each.data)) for each in self.files]


class ChildProcesses:
    """One folder for all traces of this process, made by the first and removed after the last.

    Each trace reads the records after its own beginning. In a process that is traced by its parent
    the parent's folder is used, so that both see the children.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._traces = 0
        self._owner = 0
        self._children: Children | None = None
        self._folder = Path()
        self._entered: frozenset[int] = frozenset()
        self._entry = EntryCopy()

    def join(self) -> Mark:
        """Prepare for children; the first trace changes the environment they inherit."""
        with self._lock:
            if self._traces == 0:
                self._begin()
            self._traces += 1
            sizes = {file.name: file.stat().st_size for file in self._folder.glob("*.jsonl")}
            return Mark(self._folder, sizes, tuple(_older_children(self._entered)))

    def leave(self, mark: Mark) -> ChildRecords:
        """Return the records of children since `mark`; the last trace restores the environment."""
        with self._lock:
            self._traces -= 1
            if self._traces == 0 and self._children is not None:
                self._children.end()
                self._children = None
            files = tuple(self._recorded_since(mark))
            running = [
                f"{_named(each.header)} still ran when its records were read"
                for each in files
                if _still_runs(each)
            ]
            if self._traces == 0 and self._owner == os.getpid():
                self._entered |= {each.header.process for each in files}
                shutil.rmtree(self._folder, ignore_errors=True)
            unread = [note for each in files for note in each.notes]
            return ChildRecords(files, (*mark.notes, *running, *unread))

    def _begin(self) -> None:
        around, *_ = enter_variables()
        if around is not None and Path(around).is_dir():
            self._owner, self._folder = 0, Path(around)
        else:
            self._make_folder()
        self._children = Children(str(self._folder), entry=self._entry)
        self._children.begin()

    def _make_folder(self) -> None:
        """Make a folder, the last trace's one again: children of an older fork server record there.

        From Python 3.14 on Linux uses a fork server by default, and it outlives the trace that it
        began in.
        """
        if self._owner == os.getpid():
            with suppress(OSError):
                self._folder.mkdir(0o700)
                return
        self._owner, self._entered = os.getpid(), frozenset()
        name = f"tracer-{os.getpid()}-{os.urandom(6).hex()}"
        self._folder = Path(temporary_folder(), name)
        self._folder.mkdir(0o700)

    def _recorded_since(self, mark: Mark) -> Iterator[Recorded]:
        found = ((file, header_of(file)) for file in mark.folder.glob("*.jsonl"))
        headers = {file: header for file, header in found if header is not None}
        parents = {header.process: header.parent for header in headers.values()}
        for file, header in sorted(headers.items(), key=lambda each: (each[1].time, each[0])):
            ours = self._owner == os.getpid() or _descends(header, parents)
            begin = mark.sizes.get(file.name, 0)
            data, notes = read_file(file, begin=begin)
            if ours and data:
                # One that ran before the mark has its header in the earlier part of its file.
                first = read_file(file, LONGEST_HEADER)[0] if begin else b""
                yield Recorded(header, file.name, first[: first.find(b"\n") + 1] + data, notes)


def _descends(header: Header, parents: Mapping[int, int]) -> bool:
    """Return whether a process descends from this one, or is a subinterpreter of it."""
    process = header.process
    if header.how == _SUBINTERPRETER and process == os.getpid():
        return True
    for _ in range(len(parents)):
        process = parents.get(process, 0)
        if process == os.getpid():
            return True
    return False


def _named(header: Header) -> str:
    within = "a subinterpreter of " if header.how == _SUBINTERPRETER else ""
    return f"{within}process {header.process}"


def _still_runs(recorded: Recorded) -> bool:
    """Return whether a process, other than a helper, may still record more."""
    serves = any(word in recorded.header.program for word in (*_SERVERS, _FORK_SERVER))
    ended = b'["stop",' in recorded.data[-64:]
    if recorded.header.how == _SUBINTERPRETER and recorded.header.process == os.getpid():
        return not ended
    return not ended and not serves and _alive(recorded.header.process)


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


def _older_children(entered: Container[int]) -> Iterator[str]:
    """Yield a note for each interpreter started before the trace: it is not traced (Linux).

    A fork server is traced if it was `entered`: the processes it forks write files of their own.
    """
    if sys.platform != "linux":
        return
    for child in _children():
        try:
            words = Path(f"/proc/{child}/cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        python = b"python" in words[0].rpartition(b"/")[2]
        if not python or any(server.encode() in word for word in words for server in _SERVERS):
            continue
        if not any(_FORK_SERVER.encode() in word for word in words):
            yield f"unseen: process {child} was started before the block"
        elif int(child) not in entered:
            yield (
                f"unseen: the fork server, process {child}, was started before the block: what"
                " the workers import that it forks is not seen"
            )


def _children() -> Iterator[str]:
    """Yield the process ids of this process's children, of all threads."""
    for listing in Path("/proc/self/task").glob("*/children"):
        try:
            yield from listing.read_text("ascii").split()
        except OSError:  # the thread has ended meanwhile
            continue


NO_CHILDREN = ChildRecords()
CHILD_PROCESSES = ChildProcesses()
