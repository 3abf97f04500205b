"""Messages between two processes of this machine, over a pair of Unix sockets.

4 bytes   the length of the head, little-endian
8 bytes   the length of the body
1 byte    1 if the body is in a memory file that comes with this message, else 0
head      a JSON object
body      bytes, unless they are in the memory file

A body of a megabyte or more goes through a memory file where the system has those (Linux): it is
written once and read once. Travels into other interpreters: Python 3.8 syntax and the standard
library only.
"""

from __future__ import annotations

import array
import json
import os
import socket
import struct
import time

TYPE_CHECKING = False  # `typing` is too heavy to travel
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    Part = bytes | memoryview

PREFIX = struct.Struct("<IQB")
LARGE = 1_000_000
"""The size in bytes from which a body goes through a memory file."""
MOST_HEAD = 4_000_000
"""The largest head in bytes; a traceback is its longest part."""
NUMBER = "n"
"""The key of a request's number, in its head and in the head of its answer."""
# A larger memory file is not kept for the next message.
_MOST_KEPT = 32_000_000
# Shorter bodies are copied into one piece, which is faster than several writes.
_SMALL = 65_536
# A socket accepts no longer timeout, in seconds; no run takes that long.
_LONGEST_WAIT = 1e6
# Space for the one descriptor that a message may carry.
_ROOM = socket.CMSG_SPACE(struct.calcsize("i")) if hasattr(socket, "CMSG_SPACE") else 0
# The number of buffers in one call; POSIX guarantees 16, Linux and macOS take 1024.
_MOST_PARTS = 512


class BrokenFrameError(Exception):
    """The other side is gone, or its message is invalid."""


class BodyMemory:
    """A memory file for one body after the other.

    Reusing its pages saves most of a body's cost; so the next body is written only after the
    receiver of the last one has read it.
    """

    __slots__ = ("_file",)

    def __init__(self) -> None:
        self._file: int | None = None

    def write(self, body: Sequence[Part]) -> int | None:
        """Write a body and return the descriptor; None if this system has no memory files."""
        if self._file is None:
            self._file = _made()
        if self._file is not None:
            _write(self._file, body)
        return self._file

    def close(self) -> None:
        """Close it."""
        if self._file is not None:
            os.close(self._file)
            self._file = None


class Frame:
    """A message to send: its bytes, and its memory file.

    `head` is an object, or its JSON text; `memory` is a memory file that may be reused.
    """

    __slots__ = ("_keeps", "file", "parts")

    def __init__(
        self,
        head: dict[str, Any] | bytes,
        body: Sequence[Part] = (),
        memory: BodyMemory | None = None,
    ) -> None:
        size = sum(map(len, body))
        self._keeps = memory is not None and size <= _MOST_KEPT
        self.file: int | None = None
        """The memory file's descriptor; None if the body is sent inline."""
        if size >= LARGE:
            kept = memory if self._keeps else None
            self.file = _in_memory(body) if kept is None else kept.write(body)
        told = head if isinstance(head, bytes) else json.dumps(head).encode("ascii")
        inline = () if self.file is not None else body
        prefix = PREFIX.pack(len(told), size, self.file is not None)
        self.parts: list[Part] = [prefix + told, *filter(len, inline)]
        if size < _SMALL:
            self.parts = [b"".join(self.parts)]

    def send(self, connection: socket.socket, until: float | None = None) -> None:
        """Send all of it on a blocking socket. Raises OSError, including TimeoutError."""
        try:
            while self.parts:
                wait_until(connection, until)
                self.send_some(connection)
        finally:
            self.close()

    def send_some(self, connection: socket.socket) -> None:
        """Send as much as possible without blocking. Raises OSError, including BlockingIOError."""
        parts = self.parts[:_MOST_PARTS]
        if self.file is None:
            sent = connection.send(parts[0]) if len(parts) == 1 else connection.sendmsg(parts)
        else:
            rights = (socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [self.file]))
            sent = connection.sendmsg(parts, [rights])
            self.close()  # the other side has its own descriptor now
        self.parts = _rest(self.parts, sent)

    def close(self) -> None:
        """Close its memory file."""
        if self.file is not None and not self._keeps:
            os.close(self.file)
        self.file = None


def receive(
    connection: socket.socket, *, largest: int | None = None, until: float | None = None
) -> tuple[dict[str, Any], memoryview]:
    """Return the head and the body of the next message, from a blocking socket.

    From an untrusted side a body may have at most `largest` bytes. `until` is the time limit, by
    ``time.monotonic``. Raises BrokenFrameError if the other side is gone or its message is invalid,
    and TimeoutError.
    """
    wait_until(connection, until)
    start, file = receive_some(connection, PREFIX.size)
    try:
        start += _exactly(connection, PREFIX.size - len(start), until)
        length, size, in_memory = PREFIX.unpack(start)
        if largest is not None and (length > MOST_HEAD or size > largest):
            raise BrokenFrameError("it says that it has %d and %d bytes" % (length, size))
        head = _read_head(bytes(_exactly(connection, length, until)))
        if not in_memory:
            return head, memoryview(_exactly(connection, size, until))
        if file is None:
            raise BrokenFrameError("its body did not come along")
        return head, memoryview(read_file(file, size))
    finally:
        if file is not None:
            os.close(file)


def wait_until(connection: socket.socket, until: float | None) -> None:
    """Set a socket's timeout so that its next call ends by `until`. Raises TimeoutError if past."""
    if until is None:
        return
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError("it took too long")
    connection.settimeout(left if left < _LONGEST_WAIT else None)


def _read_head(text: bytes) -> dict[str, Any]:
    try:
        head = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BrokenFrameError("its head is no JSON: %s" % error) from error
    if type(head) is not dict:
        raise BrokenFrameError("its head is no object")
    return head


def receive_some(connection: socket.socket, most: int) -> tuple[bytes, int | None]:
    """Return the available data, `most` bytes at most, and a descriptor, if one came with it.

    No bytes mean that the other side is gone. Raises OSError.
    """
    data, ancillary, _, _ = connection.recvmsg(most, _ROOM)
    if not ancillary:
        return data, None
    found: list[int] = []
    for level, kind, value in ancillary:
        if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS):
            numbers = array.array("i")
            numbers.frombytes(value[: len(value) - len(value) % numbers.itemsize])
            found += numbers
    for extra in found[1:]:
        os.close(extra)
    return data, found[0] if found else None


def read_file(file: int, size: int) -> bytes:
    """Return the first `size` bytes of a memory file. Raises BrokenFrameError for a shorter one.

    It is read rather than mapped, since its sender could truncate it while it is mapped.
    """
    if os.fstat(file).st_size < size:
        raise BrokenFrameError("its body is shorter than it says")
    parts, place = [], 0
    while place < size:
        part = os.pread(file, size - place, place)
        if not part:
            raise BrokenFrameError("its body was cut short")
        parts.append(part)
        place += len(part)
    return parts[0] if len(parts) == 1 else b"".join(parts)


def _exactly(connection: socket.socket, size: int, until: float | None = None) -> bytearray:
    """Return the next `size` bytes. Raises BrokenFrameError if they do not come."""
    data = bytearray(size)
    view, place = memoryview(data), 0
    while place < size:
        wait_until(connection, until)
        count = connection.recv_into(view[place:])
        if not count:
            raise BrokenFrameError("the other side is gone")
        place += count
    return data


def _rest(parts: Sequence[Part], sent: int) -> list[Part]:
    """Return `parts` without their first `sent` bytes."""
    left = list(parts)
    while left and sent >= len(left[0]):
        sent -= len(left.pop(0))
    if sent:
        left[0] = memoryview(left[0])[sent:]
    return left


def _in_memory(body: Sequence[Part]) -> int | None:
    """Return a memory file with the parts of `body`; None if this system has none."""
    file = _made()
    if file is None:
        return None
    try:
        _write(file, body)
    except BaseException:
        os.close(file)
        raise
    return file


def _made() -> int | None:
    if not hasattr(os, "memfd_create"):
        return None
    return os.memfd_create("modelenv", os.MFD_CLOEXEC)


def _write(file: int, body: Sequence[Part]) -> None:
    os.lseek(file, 0, os.SEEK_SET)
    left = list(body)
    while left:
        left = _rest(left, os.writev(file, left[:_MOST_PARTS]))
