"""The SHA-256 of files: of several at once, and while they are written or other work goes on."""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from io import FileIO
from itertools import chain
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING

from .bounded import open_file

if TYPE_CHECKING:
    from concurrent.futures import Future, ThreadPoolExecutor

LARGE = 1 << 20
"""Bytes above which a file is worth a thread."""
_LITTLE = 1 << 24  # bytes of all files together: no thread is started for less
# For each block a thread waits its turn twice, which takes long while others compute in Python.
_BLOCK = 1 << 22
_SHORTEST = 1 << 12
_WHOLE = 1 << 62
_MOST_THREADS = 4  # each has a block of memory

State = tuple[int, ...]
"""What of a file is another once somebody has written to it."""


def digest(file: Path) -> str:
    """Return the SHA-256 of a regular file, in hexadecimal, read block by block.

    Raises UntrustedFileError, and FileNotFoundError where there is none.
    """
    return _digest(file, (), threading.Event())


def digests(files: Iterable[Path]) -> dict[Path, str]:
    """Return the SHA-256 of each of several regular files. Raises as `digest` does."""
    with Hashing() as hashing:
        return hashing.digests(files)


class Hashing:
    """Finds the SHA-256 of files in threads, which end with its block.

    What is known of a file holds as long as nobody writes to it.
    """

    def __init__(self) -> None:
        self._known: dict[Path, tuple[State, str | Future[str]]] = {}
        self._pool: ThreadPoolExecutor | None = None
        self._stopped = threading.Event()

    def __enter__(self) -> Hashing:
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        self.settle()

    def know(self, file: Path, found: str) -> None:
        """Keep the hash of a file that stands there."""
        self._known[file] = (state_of(file), found)

    def begin(self, file: Path) -> None:
        """Begin to hash a file that stands there, where it is a large one."""
        state = state_of(file)
        if _size(state) > LARGE:
            self._known[file] = (state, self._ask(file, ()))

    @contextmanager
    def following(self, file: Path) -> Iterator[Callable[[int], None]]:
        """Hash a file, which is there, while it is written in the block.

        Yield whom to tell how many bytes of it are written, in all. At the end of the block it
        stands there, with its times.
        """
        ends: SimpleQueue[int | None] = SimpleQueue()
        found = self._ask(file, iter(ends.get, None))
        try:
            yield ends.put
        finally:
            ends.put(None)
        self._known[file] = (state_of(file), found)

    def digests(self, files: Iterable[Path]) -> dict[Path, str]:
        """Return the SHA-256 of each of several files, as they are now. Raises as `digest` does."""
        wanted = tuple(files)
        for file in wanted:
            if file in self._known and self._known[file][0] != state_of(file):
                del self._known[file]
        self._begin_all([file for file in wanted if file not in self._known])
        here = {file: digest(file) for file in wanted if file not in self._known}
        return {file: here[file] if file in here else self._wait(file) for file in wanted}

    def settle(self) -> None:
        """Wait for what was begun; no thread is left."""
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=self._stopped.is_set())
            self._pool = None

    def _begin_all(self, files: list[Path]) -> None:
        """Begin to hash the large ones of several files, where threads are worth it."""
        sizes = [_size(state_of(file)) for file in files]
        if sum(sizes) <= _LITTLE or sum(size > LARGE for size in sizes) < 2:
            return
        for file in files:
            self.begin(file)

    def _wait(self, file: Path) -> str:
        _, found = self._known[file]
        return found if isinstance(found, str) else found.result()

    def _ask(self, file: Path, ends: Iterable[int]) -> Future[str]:
        if self._pool is None:
            from concurrent.futures import ThreadPoolExecutor

            most = min(_MOST_THREADS, os.cpu_count() or 1)
            self._pool = ThreadPoolExecutor(most, thread_name_prefix="modelenv-hashing")
        return self._pool.submit(_digest, file, ends, self._stopped)


def state_of(file: Path) -> State:
    """Return what tells a file from what it was; of one that is not there, nothing."""
    try:
        found = file.stat()
    except (OSError, ValueError):
        return ()
    return (
        *(found.st_size, found.st_dev, found.st_ino),
        *(found.st_mtime_ns, found.st_ctime_ns),
    )


def _size(state: State) -> int:
    return state[0] if state else 0


def _digest(file: Path, ends: Iterable[int], stopped: threading.Event) -> str:
    """Return the hash of a file, which is read as far as each of the `ends`, and then to its own.

    Once it is `stopped` nobody wants to know.
    """
    found, done = hashlib.sha256(), 0
    with open_file(file, links=True) as stream:
        raw = FileIO(stream.fileno(), closefd=False)  # no buffer reads ahead of what is written
        size = _BLOCK if ends else os.fstat(raw.fileno()).st_size
        buffer = memoryview(bytearray(min(max(size, _SHORTEST), _BLOCK)))
        for end in chain(ends, (_WHOLE,)):
            while done < end and not stopped.is_set():
                got = raw.readinto(buffer[: end - done])
                if not got:
                    break
                found.update(buffer[:got])
                done += got
    return found.hexdigest()
