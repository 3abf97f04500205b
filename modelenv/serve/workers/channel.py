"""The server's end of the sockets to one worker, which is not believed in what it answers."""

from __future__ import annotations

import asyncio
import json
import os
import socket
from collections.abc import Mapping, Sequence
from typing import Any

from ..inside.frames import (
    MOST_HEAD,
    PREFIX,
    BodyMemory,
    BrokenFrameError,
    Frame,
    read_file,
    receive_some,
)

_AT_ONCE = 256 * 1024
Answer = tuple[Mapping[str, Any], bytes]


class Channel:
    """Ask a worker, one request at a time; its answers may have `largest` bytes."""

    def __init__(self, connection: socket.socket, *, largest: int) -> None:
        self._connection = connection
        self._largest = largest
        self._read = bytearray()
        self._file: int | None = None
        self._waiting: asyncio.Future[Answer] | None = None
        self._failure: BrokenFrameError | None = None
        self._frame: Frame | None = None
        self._memory = BodyMemory()
        self._writing = False
        connection.setblocking(False)
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(connection, self._readable)

    def ask(self, head: dict[str, Any], body: Sequence[bytes] = ()) -> asyncio.Future[Answer]:
        """Return what the worker will answer: BrokenFrameError where it is gone, or lies."""
        waiting = self.next()
        self._frame = Frame(head, body, self._memory)
        self._send()
        return waiting

    def next(self) -> asyncio.Future[Answer]:
        """Return what comes next, asked for or not."""
        self._waiting = self._loop.create_future()
        if self._failure is not None:
            self._waiting.set_exception(self._failure)
        else:
            self._take()
        return self._waiting

    @property
    def is_waiting(self) -> bool:
        """Whether the worker owes an answer, and may still give it."""
        asked = self._waiting
        if asked is None or self._failure is not None:
            return False
        return not asked.done() or asked.cancelled() or asked.exception() is not None

    def close(self) -> None:
        """Close the socket, which ends a worker that waits."""
        self._sent()
        self._fail(BrokenFrameError("the connection was closed"))
        self._connection.close()
        self._memory.close()
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def _send(self) -> None:
        """Send as much as goes now, and the rest when the other side has read."""
        frame = self._frame
        if frame is None:
            return
        try:
            while frame.parts:
                frame.send_some(self._connection)
        except BlockingIOError:
            if not self._writing:
                self._loop.add_writer(self._connection, self._send)
                self._writing = True
            return
        except OSError as error:
            self._fail(BrokenFrameError(f"the other side is gone: {error}"))
        self._sent()

    def _sent(self) -> None:
        if self._writing:
            self._loop.remove_writer(self._connection)
            self._writing = False
        if self._frame is not None:
            self._frame.close()
            self._frame = None

    def _readable(self) -> None:
        try:
            data, file = receive_some(self._connection, _AT_ONCE)
        except BlockingIOError:
            return
        except OSError as error:
            self._fail(BrokenFrameError(f"the other side is gone: {error}"))
            return
        if file is not None:
            if self._file is not None:
                os.close(self._file)
            self._file = file
        if not data:
            self._fail(BrokenFrameError("the other side is gone"))
            return
        self._read += data
        if len(self._read) > self._largest + MOST_HEAD:
            self._fail(BrokenFrameError("it says more than it was asked"))
        else:
            self._take()

    def _take(self) -> None:
        """Hand on the message that is whole, if somebody waits for it."""
        if self._waiting is None or self._waiting.done() or len(self._read) < PREFIX.size:
            return
        length, size, in_memory = PREFIX.unpack_from(self._read)
        if length > MOST_HEAD or size > self._largest:
            self._fail(BrokenFrameError(f"its answer has {length + size:,} bytes"))
            return
        end = PREFIX.size + length + (0 if in_memory else size)
        if len(self._read) < end:
            return
        message = bytes(self._read[PREFIX.size : end])
        del self._read[:end]
        try:
            self._waiting.set_result(
                self._message(message, length, size, in_memory=bool(in_memory))
            )
        except BrokenFrameError as error:
            self._fail(error)

    def _message(self, message: bytes, length: int, size: int, *, in_memory: bool) -> Answer:
        try:
            head = json.loads(message[:length])
        except (ValueError, RecursionError):
            raise BrokenFrameError("its answer has no head that can be read") from None
        if not isinstance(head, dict):
            raise BrokenFrameError("its answer has no head that can be read")
        if not in_memory:
            return head, message[length:]
        if self._file is None:
            raise BrokenFrameError("the body of its answer did not come along")
        try:
            return head, read_file(self._file, size)
        finally:
            os.close(self._file)
            self._file = None

    def _fail(self, failure: BrokenFrameError) -> None:
        """Let whoever waits, and whoever will, know that nothing comes any more."""
        if self._failure is None:
            self._failure = failure
            self._loop.remove_reader(self._connection)
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_exception(self._failure)
