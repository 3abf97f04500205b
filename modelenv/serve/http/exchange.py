"""One request and its answer, as ASGI has them."""

from __future__ import annotations

import json
import time
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any

from ..errors import RequestError, bad_request
from .trace_context import TraceContext

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

JSON = "application/json"


class Exchange:
    """A request that is being answered."""

    __slots__ = (
        "_began",
        "_headers",
        "_receive",
        "_send",
        "received",
        "scope",
        "seconds",
        "status",
        "trace",
    )

    def __init__(self, scope: Message, receive: Receive, send: Send) -> None:
        self.scope = scope
        self._receive = receive
        self._send = send
        self._headers: dict[bytes, bytes] = dict(scope["headers"])
        self._began = time.perf_counter()
        self.trace = TraceContext.of(self.header("traceparent"), self.header("x-request-id"))
        self.received = 0
        """The bytes of its body."""
        self.status = 0
        """What it was answered with; 0: it is not yet."""
        self.seconds = 0.0

    def header(self, name: str) -> str:
        """Return a header; empty where there is none."""
        return self._headers.get(name.encode("latin-1"), b"").decode("latin-1")

    async def body(self, largest: int) -> bytes:
        """Return the body, of at most `largest` bytes. Raises RequestError."""
        told = self._headers.get(b"content-length")
        if told is not None and told.isdigit() and int(told) > largest:
            raise _too_large(largest)
        parts: list[bytes] = []
        while True:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                raise bad_request("the client left before its body was whole")
            part = message.get("body", b"")
            self.received += len(part)
            if self.received > largest:
                raise _too_large(largest)
            parts.append(part)
            if not message.get("more_body"):
                return parts[0] if len(parts) == 1 else b"".join(parts)

    async def answer(
        self,
        body: bytes,
        content_type: str = JSON,
        status: int = 200,
        headers: Iterable[tuple[bytes, bytes]] = (),
    ) -> None:
        """Answer it."""
        self.status = status
        self.seconds = time.perf_counter() - self._began
        told = [
            (b"content-type", content_type.encode("latin-1")),
            (b"content-length", b"%d" % len(body)),
            (b"x-request-id", self.trace.request_id.encode("latin-1")),
            *headers,
        ]
        await self._send({"type": "http.response.start", "status": status, "headers": told})
        await self._send({"type": "http.response.body", "body": body})

    async def refuse(
        self, error: RequestError, headers: Iterable[tuple[bytes, bytes]] = ()
    ) -> None:
        """Answer with what it failed for, in the one shape that all errors have."""
        text = {
            "error_code": error.code,
            "message": error.message,
            "error": error.message,  # as version 2 of the inference protocol has it
            "request_id": self.trace.request_id,
        }
        wait = error.retry_after
        extra = [] if wait is None else [(b"retry-after", b"%d" % wait)]
        await self.answer(json.dumps(text).encode("ascii"), JSON, error.status, (*headers, *extra))


def _too_large(largest: int) -> RequestError:
    return RequestError(413, "PAYLOAD_TOO_LARGE", f"a body has at most {largest:,} bytes here")
