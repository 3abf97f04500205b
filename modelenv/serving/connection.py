"""HTTP on one connection: uvicorn's protocol, with limits on how long a client may occupy it."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from typing import Any

from uvicorn.protocols.http.httptools_impl import (
    STATUS_LINE,
    HttpToolsProtocol,
    RequestResponseCycle,
)

from .errors import RequestError
from .http.endpoint import Endpoint
from .http.exchange import CUT, JSON, HttpExchange, UnreadRequest, shape
from .http.trace_context import TraceContext
from .observing.observer import ServingObserver

_MOST_HEAD = 65_536  # bytes of the first line and the headers
_LONGEST_URL = 1000  # bytes that are kept of the URL of a refused request
_LINGER = 1.0  # seconds in which a client that is still sending may read why it was refused


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionLimits:
    """Limits on the resources that one client may use."""

    timeout: float
    """Seconds in which a request has to arrive, and in which some of its answer has to be read."""
    stopping: float
    """The same while the server is stopping."""
    most: int
    """The largest number of connections that are open at once."""


class Connection(HttpToolsProtocol):
    """A client's connection.

    The timers cost nothing if a request arrives in one piece, as most do.
    """

    def __init__(
        self, *, limits: ConnectionLimits, observer: ServingObserver, **given: Any
    ) -> None:
        super().__init__(**given)
        self._limits = limits
        self._observer = observer
        self._patience = limits.timeout
        self._in_head = False
        self._head = 0
        """Bytes of a head that came in several pieces, without the first piece."""
        self._piece = 0
        self._refused = False
        self._waiting: asyncio.TimerHandle | None = None
        """The timer until which the request has to arrive."""
        self._writing: asyncio.TimerHandle | None = None
        """The timer until which more of the answer has to be read."""
        self._unread = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Accept the connection, unless too many are open."""
        super().connection_made(transport)
        if len(self.connections) > self._limits.most:
            self._refuse(_too_many())
        else:
            self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the timers of a connection that has ended."""
        self._wait_no_longer()
        self._written()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Process incoming bytes, and check whether the request is complete."""
        if self._refused:
            return
        self._piece = len(data)
        super().data_received(data)
        self._piece = 0
        self._head += len(data)
        cycle = self._answering()
        if cycle is not None and not cycle.more_body:
            if self._waiting is not None:
                self._wait_no_longer()
            return
        if self._waiting is None and not self._refused:
            self._wait()
        if self._in_head and self._head > _MOST_HEAD and not self._refused:
            self._refuse(_head_too_large())

    def on_message_begin(self) -> None:
        """Begin a request."""
        super().on_message_begin()
        self._in_head, self._head = True, -self._piece  # the piece may end another request, too
        if self._waiting is not None:
            self._wait_no_longer()

    def on_headers_complete(self) -> None:
        """Start answering a request whose head has been read."""
        self._in_head = False
        came_whole = self._head < 0 and self._piece <= _MOST_HEAD
        if came_whole or self._head_size() <= _MOST_HEAD:
            super().on_headers_complete()
            return
        app, self.url = self.app, self.url[:_LONGEST_URL]
        self.app = Endpoint(_refuse_head, self._observer, "")
        super().on_headers_complete()
        self.app = app

    def on_response_complete(self) -> None:
        """Continue with the next request, or wait until the last answer has been read."""
        super().on_response_complete()
        if self.transport.is_closing():
            self._watch_reader()

    def timeout_keep_alive_handler(self) -> None:
        """Close an idle connection."""
        super().timeout_keep_alive_handler()
        self._watch_reader()

    def pause_writing(self) -> None:
        """Pause writing until the client has read, within the time limit."""
        super().pause_writing()
        self._watch_reader()

    def resume_writing(self) -> None:
        """Resume writing."""
        super().resume_writing()
        if not self.transport.is_closing():
            self._written()

    def shutdown(self) -> None:
        """End once the requests in progress are answered, with less patience for the client."""
        self._patience = self._limits.stopping
        super().shutdown()
        if self._waiting is not None:
            self._wait_no_longer()
            self._wait()
        self._written()
        self._watch_reader()

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002
        """Refuse bytes that are no HTTP, after the answers to earlier requests."""
        error = _no_http()
        cycle = self._answering()
        if cycle is None:
            self._refuse(error)
        else:
            self._refused = True
            _cut(cycle, error)

    def _answering(self) -> RequestResponseCycle | None:
        """Return the request that is being answered, or None."""
        cycle: RequestResponseCycle | None = getattr(self, "cycle", None)
        return None if cycle is None or cycle.response_complete else cycle

    def _head_size(self) -> int:
        return len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers)

    def _wait(self) -> None:
        self._waiting = self.loop.call_later(self._patience, self._late)

    def _wait_no_longer(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None

    def _late(self) -> None:
        """Stop waiting for a request, or for the rest of one."""
        self._waiting = None
        cycle = self._answering()
        if self.pipeline:  # it has not been read yet, because of earlier requests
            self._wait()
        elif cycle is not None:
            _cut(cycle, _too_slow(self._patience))
        elif self._in_head:
            self._refuse(_too_slow(self._patience))
        else:
            self.transport.close()
            self._watch_reader()

    def _refuse(self, error: RequestError) -> None:
        """Answer an invalid request, and close after a delay in which further data is dropped.

        Closing while the client still sends would destroy the answer (RFC 9112, 9.6).
        """
        self._refused = True
        self._wait_no_longer()
        self._unset_keepalive_if_required()
        trace = TraceContext.of("", "")
        body = json.dumps(shape(error, trace.request_id)).encode("ascii")
        headers = {
            "content-type": JSON,
            "content-length": str(len(body)),
            "x-request-id": trace.request_id,
            "connection": "close",
        }
        head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        self.transport.write(STATUS_LINE[error.status] + head.encode("latin-1") + b"\r\n" + body)
        if self.transport.can_write_eof():
            self.transport.write_eof()
        self._waiting = self.loop.call_later(_LINGER, self.transport.abort)
        told = UnreadRequest(status=error.status, sent=len(body), failure=error, trace=trace)
        self._observer.answered(told, None, "")

    def _watch_reader(self) -> None:
        """Close the connection if the client reads nothing of the waiting answer."""
        if self._writing is None:
            self._unread = self.transport.get_write_buffer_size()
            if self._unread:
                self._writing = self.loop.call_later(self._patience, self._look_at_reader)

    def _look_at_reader(self) -> None:
        self._writing = None
        if 0 < self._unread <= self.transport.get_write_buffer_size():
            self.transport.abort()
        else:
            self._watch_reader()

    def _written(self) -> None:
        if self._writing is not None:
            self._writing.cancel()
            self._writing = None


def _cut(cycle: RequestResponseCycle, error: RequestError) -> None:
    """End a connection with an answer, and the wait for a body with the reason of the refusal."""
    cycle.keep_alive = False
    if cycle.more_body:
        cycle.scope["state"][CUT] = error
        cycle.more_body = False
        cycle.message_event.set()


async def _refuse_head(_: HttpExchange) -> None:
    raise _head_too_large()


def _head_too_large() -> RequestError:
    message = f"the first line and the headers of a request have at most {_MOST_HEAD:,} bytes here"
    return RequestError(431, "BAD_REQUEST", message, headers=(("connection", "close"),))


def _too_slow(seconds: float) -> RequestError:
    return RequestError(408, "TIMEOUT", f"the request did not come within {seconds:.10g} s")


def _no_http() -> RequestError:
    return RequestError(400, "BAD_REQUEST", "the bytes that were sent are no valid HTTP")


def _too_many() -> RequestError:
    message = "too many connections are open: try again later"
    return RequestError(503, "TEMPORARILY_UNAVAILABLE", message, retry_after=1)


__all__ = ["Connection", "ConnectionLimits"]
