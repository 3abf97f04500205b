"""A server of uvicorn with nothing behind it: it answers the same bytes to whatever it is asked.

python bare.py PORT BYTES
"""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import uvicorn

Message = MutableMapping[str, Any]


def main(arguments: list[str]) -> None:
    """Answer on a port with so many bytes, and with the headers that modelenv's answers have."""
    port, size = map(int, arguments)
    body = b" " * size
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", b"%d" % size),
        (b"x-request-id", b"0" * 32),
    ]

    async def answer(
        _: Message,
        receive: Callable[[], Awaitable[Message]],
        send: Callable[[Message], Awaitable[None]],
    ) -> None:
        while (await receive()).get("more_body"):
            pass
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    uvicorn.run(
        answer,
        port=port,
        lifespan="off",
        log_config=None,
        log_level="critical",
        access_log=False,
        server_header=False,
        ws="none",
        interface="asgi3",
        proxy_headers=False,
    )


if __name__ == "__main__":
    main(sys.argv[1:])
