"""SHA-256 of files: several in parallel, while they are written, or beside other work."""

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
"""The size in bytes above which a file is hashed in a thread."""
_LITTLE = 1 << 24  # total bytes below which no thread is started
# A thread waits for the GIL twice per block, which is slow while other threads run Python code.
_BLOCK = 1 << 22
_SHORTEST = 1 << 12
_WHOLE = 1 << 62
_MOST_THREADS = 4  # each has a block in memory

State = tuple[int, ...]
"""The file attributes that change when somebody writes to the file."""


def digest(file: Path) -> str:
    """Return the SHA-256 of a regular file in hexadecimal, read in blocks.

    Raises UntrustedFileError, and FileNotFoundError if there is none.
    """
    return _digest(file, (), threading.Event())


def digests(files: Iterable[Path]) -> dict[Path, str]:
    """Return the SHA-256 of each of several regular files. Raises as `digest` does."""
    with Hashing() as hashing:
        return hashing.digests(files)


class Hashing:
    """Computes the SHA-256 of files in threads, which end with the block.

    A digest is kept as long as its file's state is unchanged.
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
        """Record the known digest of an existing file."""
        self._known[file] = (state_of(file), found)

    def begin(self, file: Path) -> None:
        """Start hashing an existing file in a thread, if it is large."""
        state = state_of(file)
        if _size(state) > LARGE:
            self._known[file] = (state, self._ask(file, ()))

    @contextmanager
    def following(self, file: Path) -> Iterator[Callable[[int], None]]:
        """Hash an existing file while the block writes it.

        Yields a function to call with the total number of bytes written so far. At the end of the
        block the file must be complete, with its final times.
        """
        ends: SimpleQueue[int | None] = SimpleQueue()
        found = self._ask(file, iter(ends.get, None))
        try:
            yield ends.put
        finally:
            ends.put(None)
        self._known[file] = (state_of(file), found)

    def digests(self, files: Iterable[Path]) -> dict[Path, str]:
        """Return the SHA-256 of each file as it is now. Raises as `digest` does."""
        wanted = tuple(files)
        for file in wanted:
            if file in self._known and self._known[file][0] != state_of(file):
                del self._known[file]
        self._begin_all([file for file in wanted if file not in self._known])
        here = {file: digest(file) for file in wanted if file not in self._known}
        return {file: here[file] if file in here else self._wait(file) for file in wanted}

    def settle(self) -> None:
        """Wait for all hashing that was started; no thread is left."""
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=self._stopped.is_set())
            self._pool = None

    def _begin_all(self, files: list[Path]) -> None:
        """Start hashing the large ones of several files, if threads pay off."""
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
    """Return the attributes that change when a file is written to; empty if it does not exist."""
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
    """Return the digest of a file, read up to each of the `ends` as it comes, then to its end.

    Once `stopped` is set the result is no longer needed.
    """
    found, done = hashlib.sha256(), 0
    with open_file(file, links=True) as stream:
        raw = FileIO(stream.fileno(), closefd=False)  # no buffer that reads ahead of the writer
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
