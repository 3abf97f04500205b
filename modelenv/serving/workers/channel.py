"""The server's end of the sockets to one worker, whose messages are not trusted."""

from __future__ import annotations

import asyncio
import json
import os
import socket
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from ...worker.frames import (
    MOST_HEAD,
    NUMBER,
    PREFIX,
    BodyMemory,
    BrokenFrameError,
    Frame,
    read_file,
    receive_some,
)

# A larger buffer is allocated by the system for each call, which costs more than the call.
_AT_ONCE = 64 * 1024
_decoded = json.JSONDecoder().decode

Answer = tuple[dict[str, Any], bytes]
Done = Callable[["Answer | BrokenFrameError"], None]


class LyingError(BrokenFrameError):
    """The other side's message is no answer to the question."""


class Channel:
    """Ask a worker, one request at a time; its answers may have at most `largest` bytes."""

    def __init__(self, connection: socket.socket, *, largest: int) -> None:
        self._connection = connection
        self._largest = largest
        self._read = bytearray()
        self._file: int | None = None
        self._done: Done | None = None
        self._number = 0
        """The number of the last request; 0 while the worker is starting and reports on that."""
        self._frame: Frame | None = None
        self._memory = BodyMemory()
        self._writing = False
        self.failure: BrokenFrameError | None = None
        """The reason why no more messages come, or None."""
        self.on_end: Callable[[BrokenFrameError], None] | None = None
        """Called if the worker ends or sends an invalid message while nobody waits for it."""
        connection.setblocking(False)
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(connection, self._readable)

    @property
    def is_waiting(self) -> bool:
        """Whether somebody waits for an answer."""
        return self._done is not None

    def ask(self, head: Mapping[str, Any], body: Sequence[bytes] = ()) -> asyncio.Future[Answer]:
        """Return the worker's answer; the future raises BrokenFrameError if none can come."""
        waiting: asyncio.Future[Answer] = self._loop.create_future()
        self.put(head, body, partial(_settle, waiting))
        return waiting

    def next(self) -> asyncio.Future[Answer]:
        """Return the worker's next message about its start."""
        waiting: asyncio.Future[Answer] = self._loop.create_future()
        self._expect(partial(_settle, waiting))
        return waiting

    def put(self, head: Mapping[str, Any], body: Sequence[bytes], done: Done) -> None:
        """Ask the worker; `done` is called with its answer, or with why there is none."""
        self._number += 1
        if self._read and self.failure is None:
            self._fail(LyingError("it spoke before it was asked"))
        if self.failure is None:
            self._frame = Frame(_told(head, self._number), body, self._memory)
            self._done = done
            self._send()
        else:
            self._expect(done)

    def close(self) -> None:
        """Close the socket, which ends a worker that waits."""
        self.on_end = None
        self._fail(BrokenFrameError("the connection was closed"))
        self._connection.close()
        self._memory.close()

    def _expect(self, done: Done) -> None:
        if self.failure is not None:
            done(self.failure)
            return
        self._done = done
        self._take()

    def _send(self) -> None:
        """Send as much as the socket takes now, and the rest once the other side has read."""
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
        self._keep(file)
        if not data:
            self._fail(BrokenFrameError("the other side is gone"))
            return
        self._read += data
        if self._done is None and self._number:
            self._fail(LyingError("it speaks unasked"))
        elif len(self._read) > self._largest + MOST_HEAD + PREFIX.size:
            self._fail(LyingError("it says more than it was asked"))
        else:
            self._take()

    def _keep(self, file: int | None) -> None:
        """Keep the memory file that came with a message; there is one at a time."""
        if file is not None:
            self._drop_file()
            self._file = file

    def _drop_file(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def _take(self) -> None:
        """Pass on a complete message, if somebody waits for it."""
        if self._done is None or len(self._read) < PREFIX.size:
            return
        length, size, in_memory = PREFIX.unpack_from(self._read)
        if length > MOST_HEAD or size > self._largest:
            self._fail(LyingError(f"its answer has {length + size:,} bytes"))
            return
        end = PREFIX.size + length + (0 if in_memory else size)
        if len(self._read) < end:
            return
        message = bytes(self._read[PREFIX.size : end])
        del self._read[:end]
        try:
            answer = self._message(message, length, size, in_memory=bool(in_memory))
        except BrokenFrameError as error:
            self._fail(LyingError(str(error)))
            return
        if self._read and self._number:
            self._fail(LyingError("it answers more than it was asked"))
            return
        done, self._done = self._done, None
        done(answer)

    def _message(self, message: bytes, length: int, size: int, *, in_memory: bool) -> Answer:
        try:
            head = _decoded(message[:length].decode("utf-8"))
        except (ValueError, RecursionError):
            raise BrokenFrameError("its answer has no head that can be read") from None
        if not isinstance(head, dict):
            raise BrokenFrameError("its answer has no head that can be read")
        if self._number and head.get(NUMBER) != self._number:  # from a child that the model forked
            raise BrokenFrameError("it answered another request than it was asked")
        if self._writing:
            raise BrokenFrameError("it answered before it had heard the request")
        if not in_memory:
            return head, message[length:]
        if self._file is None:
            raise BrokenFrameError("the body of its answer did not come along")
        try:
            return head, read_file(self._file, size)
        finally:
            self._drop_file()

    def _fail(self, failure: BrokenFrameError) -> None:
        """Report to present and future waiters that no more messages come."""
        if self.failure is not None:
            return
        self.failure = failure
        self._loop.remove_reader(self._connection)
        self._sent()
        self._drop_file()
        done, self._done = self._done, None
        if done is not None:
            done(failure)
        elif self.on_end is not None:
            self.on_end(failure)


def _told(head: Mapping[str, Any], number: int) -> bytes:
    """Return a head with its number as JSON; most heads have only the kind of the body."""
    content = head.get("content")
    if len(head) == 1 and isinstance(content, str) and content.isalpha() and content.isascii():
        return f'{{"content": "{content}", "{NUMBER}": {number}}}'.encode()
    return json.dumps({**head, NUMBER: number}).encode("ascii")


def _settle(waiting: asyncio.Future[Answer], answer: Answer | BrokenFrameError) -> None:
    if waiting.done():  # the waiting caller has left
        return
    if isinstance(answer, BrokenFrameError):
        waiting.set_exception(answer)
    else:
        waiting.set_result(answer)


__all__ = ["Answer", "Channel", "Done", "LyingError"]
