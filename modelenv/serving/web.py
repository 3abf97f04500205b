"""The web server: uvicorn in a thread of its own, whose event loop has all requests and workers."""

from __future__ import annotations

import asyncio
import math
import socket
import threading
from collections.abc import Awaitable, Callable, Coroutine, MutableMapping
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from ..base.errors import WrongUseError
from .observing.observer import ServingObserver

if TYPE_CHECKING:
    import uvicorn

T = TypeVar("T")
ASGIApp = Callable[
    [
        MutableMapping[str, Any],
        Callable[[], Awaitable[MutableMapping[str, Any]]],
        Callable[[MutableMapping[str, Any]], Awaitable[None]],
    ],
    Awaitable[None],
]

_BACKLOG = 2048
_KEPT = 75  # idle seconds of a connection; proxies reuse theirs for less than that
_LAST = 5.0  # the largest part of the grace, in seconds, for the last bytes to leave
_FEWEST_CONNECTIONS, _MOST_CONNECTIONS = 8, 10_000
_OTHER_FILES = 64  # files that are open besides


def listen(host: str, port: int) -> socket.socket:
    """Return a bound socket, on a free port for port 0. Raises WrongUseError."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except OSError as error:
        raise WrongUseError(f"--host {host}: {error.strerror or error}") from error
    listener = socket.socket(family, kind, protocol)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(_BACKLOG)
    except OSError as error:
        listener.close()
        reason = error.strerror or error
        raise WrongUseError(
            f"cannot listen on {host}:{port}: {reason} (--port 0 takes a free port)"
        ) from error
    listener.setblocking(False)
    return listener


def url_of(listener: socket.socket) -> str:
    """Return the server's address: ``http://127.0.0.1:5000``."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


@dataclass(frozen=True, slots=True, kw_only=True)
class WebOptions:
    """Time limits of a web server for its clients."""

    timeout: float
    """Seconds in which a request has to arrive."""
    grace: float
    """Seconds from the stop signal to the end."""

    @property
    def last(self) -> float:
        """Return the part of the grace, in seconds, that is kept for the last bytes to leave."""
        return min(_LAST, self.grace / 5)


class Web:
    """A web server that answers on a socket until it is stopped."""

    def __init__(
        self,
        app: ASGIApp,
        listener: socket.socket,
        options: WebOptions,
        observer: ServingObserver,
        ended: Callable[[], None],
    ) -> None:
        self._ended = ended
        self._listener = listener
        self._loop = new_loop()
        self._server = _server(app, options, observer)
        self._thread = threading.Thread(target=self._run, name="modelenv-web", daemon=True)
        self._grace = options.grace - options.last
        self._failure: BaseException | None = None

    def start(self) -> None:
        """Start to answer."""
        self._thread.start()

    def submit(self, work: Coroutine[Any, Any, T]) -> Future[T]:
        """Run `work` in the server's event loop; return the future of its result."""
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    def call(self, function: Callable[[], object]) -> None:
        """Call a function there, without waiting for a result."""
        with suppress(RuntimeError):  # the loop has ended
            self._loop.call_soon_threadsafe(function)

    def stop(self, close: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Accept no more connections, answer the requests in progress, then end.

        `close` refuses what is unanswered after the grace, and ends the workers. It is called in
        any case.
        """
        self.call(lambda: self._stop(close))
        self._thread.join()
        try:
            self._loop.run_until_complete(close())
            self._loop.run_until_complete(self._loop.shutdown_default_executor())
        finally:
            self._loop.close()
        if self._failure is not None:
            raise self._failure

    def _stop(self, close: Callable[[], Coroutine[Any, Any, None]]) -> None:
        self._server.should_exit = True
        self._loop.call_later(self._grace, lambda: self._loop.create_task(close()))

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_until_complete(self._server.serve(sockets=[self._listener]))
        except BaseException as error:  # noqa: BLE001  # raised where it is stopped
            self._failure = error
        finally:
            self._ended()


def _server(app: ASGIApp, options: WebOptions, observer: ServingObserver) -> uvicorn.Server:
    import uvicorn

    config = uvicorn.Config(
        app,
        http=_protocol(options, observer),
        lifespan="off",
        log_config=None,
        log_level="critical",
        access_log=False,
        server_header=False,
        ws="none",
        timeout_keep_alive=_KEPT,
        timeout_graceful_shutdown=max(1, math.ceil(options.grace)),
        interface="asgi3",
        proxy_headers=False,
    )
    return uvicorn.Server(config)


def _protocol(options: WebOptions, observer: ServingObserver) -> Any:
    """Return the factory of connections; uvicorn's own if httptools is not installed."""
    try:
        from .connection import Connection, ConnectionLimits
    except ImportError:
        return "auto"
    limits = ConnectionLimits(
        timeout=options.timeout,
        stopping=min(options.timeout, options.last),
        most=_most_connections(),
    )
    return partial(Connection, limits=limits, observer=observer)


def _most_connections() -> int:
    """Return the number of connections for which files remain, besides those of workers and log."""
    import resource

    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY:
        return _MOST_CONNECTIONS
    return max(_FEWEST_CONNECTIONS, min(_MOST_CONNECTIONS, soft - max(_OTHER_FILES, soft // 4)))


def new_loop() -> asyncio.AbstractEventLoop:
    """Return a new event loop, from uvloop if that is installed."""
    try:
        import uvloop
    except ImportError:  # uvloop does not exist for Windows
        return asyncio.new_event_loop()
    loop: asyncio.AbstractEventLoop = uvloop.new_event_loop()
    return loop


def check_installed() -> None:
    """Raise WrongUseError if a package for serving is not installed."""
    try:
        import prometheus_client  # noqa: F401
        import starlette  # noqa: F401
        import uvicorn  # noqa: F401
    except ImportError as error:
        raise WrongUseError(
            f"serving needs {error.name}, which is not installed: pip install 'modelenv[serve]'"
        ) from error
