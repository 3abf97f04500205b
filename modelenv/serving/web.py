"""The web server: uvicorn in a thread of its own, which all requests and workers live in."""

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
_KEPT = 75  # seconds without a request; longer than a proxy keeps the connections that it reuses
_LAST = 5.0  # seconds of the grace, at most, for the last bytes to leave
_FEWEST_CONNECTIONS, _MOST_CONNECTIONS = 8, 10_000
_OTHER_FILES = 64  # that are open besides


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that is bound, to a free port where that is 0. Raises WrongUseError."""
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
    """Return the address at which it is reached: ``http://127.0.0.1:5000``."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


@dataclass(frozen=True, slots=True, kw_only=True)
class WebOptions:
    """The times that a web server waits for its clients."""

    timeout: float
    """Seconds for a request to come."""
    grace: float
    """Seconds from the stop to the end."""

    @property
    def last(self) -> float:
        """Return the seconds of the grace that are kept for the last bytes to leave."""
        return min(_LAST, self.grace / 5)


class Web:
    """A web server that answers on a socket, until it is stopped."""

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
        """Begin to answer."""
        self._thread.start()

    def submit(self, work: Coroutine[Any, Any, T]) -> Future[T]:
        """Do something in the thread of the server; return what will come of it."""
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    def call(self, function: Callable[[], object]) -> None:
        """Call a function there, and wait for no answer."""
        with suppress(RuntimeError):  # it has ended
            self._loop.call_soon_threadsafe(function)

    def stop(self, close: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Take no more connections, answer what is in progress, then end.

        `close` refuses what is not answered after the grace, and ends what stands behind it. It is
        called in any case.
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
    """Return what makes a connection; uvicorn's own, where httptools is not installed."""
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
    """Return how many leave the files open that the workers and the log need."""
    import resource

    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY:
        return _MOST_CONNECTIONS
    return max(_FEWEST_CONNECTIONS, min(_MOST_CONNECTIONS, soft - max(_OTHER_FILES, soft // 4)))


def new_loop() -> asyncio.AbstractEventLoop:
    """Return a loop: uvloop's where it is installed."""
    try:
        import uvloop
    except ImportError:  # there is none for Windows
        return asyncio.new_event_loop()
    loop: asyncio.AbstractEventLoop = uvloop.new_event_loop()
    return loop


def check_installed() -> None:
    """Raise WrongUseError where what serves is not installed."""
    try:
        import prometheus_client  # noqa: F401
        import starlette  # noqa: F401
        import uvicorn  # noqa: F401
    except ImportError as error:
        raise WrongUseError(
            f"serving needs {error.name}, which is not installed: pip install 'modelenv[serve]'"
        ) from error
