"""uvicorn's protocol, whose answers leave in one piece: it writes the head and the body apart.

Two writes are two calls of the system, and wake most clients twice.
"""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

_FIRST, _LAST = b"HTTP/1.1 ", b"\r\n\r\n"
_CONTINUE = b"HTTP/1.1 100 "


class OneWriteProtocol(HttpToolsProtocol):
    """HTTP on one connection."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin, with a transport that joins writes."""
        super().connection_made(transport)
        self.transport = _Joined(transport)  # type: ignore[assignment]


class _Joined:
    """A transport that keeps the head of an answer until its body comes, or its end."""

    __slots__ = ("_head", "_transport")

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._head = b""

    def write(self, data: bytes) -> None:
        """Write what is there, a head with what follows it."""
        if self._head:
            data, self._head = self._head + data, b""
        elif data.startswith(_FIRST) and data.endswith(_LAST) and not data.startswith(_CONTINUE):
            self._head = data
            return
        self._transport.write(data)

    def close(self) -> None:
        """Write what is kept, and close."""
        if self._head:
            self._transport.write(self._head)
            self._head = b""
        self._transport.close()

    def __getattr__(self, name: str) -> Any:
        """Return whatever else the transport has."""
        return getattr(self._transport, name)
