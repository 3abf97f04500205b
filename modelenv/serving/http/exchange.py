"""One request and its answer, on top of ASGI."""

from __future__ import annotations

import json
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping, MutableMapping
from dataclasses import dataclass
from typing import Any

from ..errors import RequestError, client_left
from .trace_context import TraceContext

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Headers = Iterable[tuple[bytes, bytes]]

_NO_STATE: Mapping[str, Any] = {}
JSON = "application/json"
CUT = "modelenv.cut"
"""The key in a scope's state of the RequestError that explains an incomplete body."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UnreadRequest:
    """A request that was refused before its head was understood."""

    status: int
    sent: int
    failure: BaseException
    trace: TraceContext
    method: str = ""
    path: str = ""
    seconds: float = 0.0
    received: int = 0
    told: Mapping[str, Any] | None = None


class HttpExchange:
    """A request that is being answered."""

    __slots__ = (
        "_began",
        "_headers",
        "_receive",
        "_send",
        "_whole",
        "failure",
        "model",
        "received",
        "scope",
        "seconds",
        "sent",
        "status",
        "told",
        "trace",
    )

    def __init__(self, scope: Message, receive: Receive, send: Send) -> None:
        self.scope = scope
        self._receive = receive
        self._send = send
        self._headers = _combined(scope["headers"])
        self._began = time.perf_counter()
        self._whole = False
        self.trace = TraceContext.of(self.header("traceparent"), self.header("x-request-id"))
        self.model: str | None = None
        """The name of the requested model, if one was found."""
        self.received = 0
        """The size of its body in bytes, as sent."""
        self.sent = 0
        """The size of the answer's body in bytes."""
        self.status = 0
        """The status of the answer; 0 before there is one."""
        self.seconds = 0.0
        self.failure: BaseException | None = None
        """The error of a refused request; only the log shows its cause."""
        self.told: Mapping[str, Any] | None = None
        """The worker's report beside the prediction."""

    @property
    def method(self) -> str:
        """The method of the request."""
        return str(self.scope["method"])

    @property
    def path(self) -> str:
        """The path of the request, as sent."""
        return str(self.scope["path"])

    def header(self, name: str) -> str:
        """Return a header; empty if it is missing."""
        return self._headers.get(name.encode("latin-1"), b"").decode("latin-1")

    async def parts(self, largest: int) -> list[bytes]:
        """Return the body in the parts in which it arrives, at most `largest` bytes in total.

        Raises RequestError.
        """
        told = self._headers.get(b"content-length")
        if told is not None and told.isdigit() and int(told) > largest:
            raise too_large(largest)
        parts: list[bytes] = []
        while True:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                raise client_left()
            part = message.get("body", b"")
            self.received += len(part)
            if self.received > largest:
                raise too_large(largest)
            parts.append(part)
            if not message.get("more_body"):
                cut = self.scope.get("state", _NO_STATE).get(CUT)
                if cut is not None:
                    raise cut
                self._whole = True
                return parts

    async def gone(self) -> None:
        """Return once the client has left or has been answered."""
        while (await self._receive())["type"] != "http.disconnect":
            pass

    async def answer(
        self, body: bytes, content_type: str = JSON, status: int = 200, headers: Headers = ()
    ) -> None:
        """Send the answer."""
        seconds = time.perf_counter() - self._began
        told = [
            (b"content-type", content_type.encode("latin-1")),
            (b"content-length", b"%d" % len(body)),
            (b"x-request-id", self.trace.request_id.encode("latin-1")),
            *headers,
        ]
        if not self._whole and b"expect" in self._headers:
            # The rest of the body may still come, so the connection cannot be reused.
            told.append((b"connection", b"close"))
        await self._send({"type": "http.response.start", "status": status, "headers": told})
        self.status, self.sent, self.seconds = status, len(body), seconds
        content = b"" if self.scope["method"] == "HEAD" else body
        await self._send({"type": "http.response.body", "body": content})

    async def answer_json(self, value: Any, status: int = 200, headers: Headers = ()) -> None:
        """Send a value as JSON."""
        await self.answer(json.dumps(value).encode("ascii"), JSON, status, headers)

    async def refuse(self, error: RequestError, extra: Mapping[str, Any] | None = None) -> None:
        """Send an error in the form that all errors have."""
        self.failure = error
        told = {**shape(error, self.trace.request_id), **(extra or {})}
        headers = [(name.encode("latin-1"), text.encode("latin-1")) for name, text in error.headers]
        if error.retry_after is not None:
            headers.append((b"retry-after", b"%d" % error.retry_after))
        await self.answer_json(told, error.status, headers)

    def leave(self, error: RequestError) -> None:
        """Record why the request gets no answer."""
        self.failure = error
        self.status = error.status
        self.seconds = time.perf_counter() - self._began

    def break_off(self, error: RequestError) -> None:
        """Record that the answer could not be sent completely."""
        if self.status:
            self.failure = error
        else:
            self.leave(error)


def shape(error: RequestError, request_id: str) -> dict[str, Any]:
    """Return the body of an error's answer, in the form that all errors have."""
    return {
        "error_code": error.error_code,
        "message": error.message,
        "error": error.message,  # the key in version 2 of the inference protocol
        "request_id": request_id,
    }


def too_large(largest: int, what: str = "a body") -> RequestError:
    """Return the error that a request exceeds the size limit."""
    return RequestError(413, "PAYLOAD_TOO_LARGE", f"{what} has at most {largest:,} bytes here")


def _combined(headers: Iterable[tuple[bytes, bytes]]) -> Mapping[bytes, bytes]:
    """Return headers by name; values of a repeated header are joined (RFC 9110, 5.3).

    >>> _combined([(b"a", b"1"), (b"a", b"2"), (b"a", b"1")])
    {b'a': b'1, 2'}
    """
    pairs = list(headers)
    found = dict(pairs)
    if len(found) == len(pairs):
        return found
    said: dict[bytes, dict[bytes, None]] = {}
    for name, value in pairs:
        said.setdefault(name, {})[value] = None
    return {name: b", ".join(values) for name, values in said.items()}
