"""Serve saved models over HTTP, until a signal ends it."""

from __future__ import annotations

import math
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import FrameType
from typing import get_args

from ..base import arguments
from ..base.addresses.masks import Mask
from ..base.arguments import BadArgumentError, Requirements
from ..base.doors import door
from ..base.errors import WrongUseError
from ..base.indexes import AS_CONFIGURED, Indexes
from ..environments.spec import Manager
from ..run.isolated import RunOptions
from ..seal.choose import Paths, SealRequest
from ..seal.seals import Wanted
from .http.served import HttpSettings
from .models.environments import Environments
from .models.hosted import HostedModels
from .models.opening import Opener, Place, check_names, default_of
from .models.replacing import Attendant, Errands
from .observing.log import Form, Log
from .observing.metrics import Metrics
from .observing.observer import ServingObserver
from .web import Web, WebOptions, check_installed, listen, url_of
from .workers.pool import Limits
from .workers.process import ProcessLimits

_STANDARD_OUTPUT = 1
_IN_IMAGE = (
    "MODELENV_IMAGE says that this is an image, which holds only the pins: models are not sealed,"
    " and can use all that it can (--seal namespaces, landlock or watch restricts them)"
)
_MOST_JOINED = 1000
_LONG = 1e7  # seconds, in place of no limit: system clocks do not take infinity
_ENDING = ("SIGTERM", "SIGINT")


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerOptions:
    """The address of a server, and its limits."""

    host: str = "127.0.0.1"
    port: int = 5000
    """The port; 0 for a free one."""
    limits: Limits = field(default_factory=Limits)
    start_timeout: float = 600.0
    """Seconds in which a model has to be loaded."""
    largest: int = 100_000_000
    """The largest body in bytes."""
    grace: float = 25.0
    """Seconds for requests in progress when the server is stopped."""
    reload: bool = False
    """Whether folders are reloaded when their content changes."""
    log: Form = "json"
    watch: bool = True
    """Whether touches that a model's capture never saw are reported."""
    watch_log: Path | None = None
    """The file for those touches of a single model; None for one in the user's state folder."""

    def __post_init__(self) -> None:
        """Raise BadArgumentError for an invalid limit."""
        if type(self.port) is not int or not 0 <= self.port < 2**16:
            raise BadArgumentError("port", self.port, "a whole number from 0 to 65535")
        arguments.count("workers", self.limits.workers)
        arguments.seconds("timeout", self.limits.timeout)
        arguments.count("queue", self.limits.queue)
        arguments.count("batch", self.limits.batch, most=_MOST_JOINED)
        if not 0 <= self.limits.batch_wait < math.inf:
            given = self.limits.batch_wait * 1000
            raise BadArgumentError("batch_wait", given, "a number of milliseconds, 0 or more")
        arguments.seconds("start_timeout", self.start_timeout)
        arguments.count("max_body", self.largest, "a whole number of bytes above 0")
        arguments.seconds("grace", self.grace)
        arguments.choice("log_format", self.log, get_args(Form))


@door
def serve(
    models: str | os.PathLike[str] | Mapping[str, str | os.PathLike[str]],
    *,
    host: str = "127.0.0.1",
    port: int = 5000,
    workers: int = 1,
    timeout: float = 60.0,
    start_timeout: float = 600.0,
    max_body: int = 100_000_000,
    queue: int = 100,
    grace: float = 25.0,
    env_manager: Manager = "auto",
    environment: str | os.PathLike[str] | None = None,
    pip_requirements_override: Requirements | None = None,
    memory: int | None = None,
    allow_changed: bool = False,
    seal: Wanted = "auto",
    allow_hosts: str | Iterable[str] = (),
    allow_paths: Paths = (),
    indexes: Indexes = AS_CONFIGURED,
    reload: bool = False,
    batch: int = 1,
    batch_wait: float = 0.0,
    log_format: Form = "json",
    watch: bool = True,
    watch_log: str | os.PathLike[str] | None = None,
) -> None:
    """Serve the model in a folder, or several models by name, over HTTP; see docs/serving.md.

    It returns after SIGTERM or SIGINT, once requests in progress are answered, within `grace`
    seconds. Each model has `workers` processes in an environment that holds only its pins, chosen
    and limited as for `predict` by `env_manager`, `environment`, `pip_requirements_override`,
    `memory`, `allow_changed`, `seal`, `allow_hosts`, `allow_paths` and `indexes`. A request may
    take `timeout` seconds, including the wait, and have `max_body` bytes. Up to `queue` requests
    may wait for a model; a worker gets up to `batch` of them at once, and waits `batch_wait`
    milliseconds for more. In an image (MODELENV_IMAGE) the seal "auto" is none. Folders are
    reloaded at SIGHUP, or with `reload` when they change. Touches that a model's capture never saw
    are reported unless `watch` is off, and stored in `watch_log`.

    Raises WrongUseError if the port is not available or a server package is not installed, and what
    `predict` raises if a model cannot be loaded.
    """
    if isinstance(models, Mapping):
        found: tuple[Place, ...] = tuple(
            Place(name, os.fspath(folder), is_named=True) for name, folder in models.items()
        )
    else:
        found = (Place.of(os.fspath(models)),)
    run = RunOptions(
        manager=env_manager,
        environment=environment,
        memory=memory,
        override=arguments.lines("pip_requirements_override", pip_requirements_override),
        allow_changed=allow_changed,
        seal=SealRequest.read(seal, allow_hosts, allow_paths),
        indexes=indexes,
    )
    if not isinstance(batch_wait, int | float):
        raise BadArgumentError("batch_wait", batch_wait, "a number of milliseconds, 0 or more")
    limits = Limits(
        workers=workers, timeout=timeout, queue=queue, batch=batch, batch_wait=batch_wait / 1000
    )
    options = ServerOptions(
        host=host,
        port=port,
        limits=limits,
        start_timeout=start_timeout,
        largest=max_body,
        grace=grace,
        reload=reload,
        log=log_format,
        watch=watch,
        watch_log=None if watch_log is None else Path(watch_log),
    )
    serve_places(found, options, run)


def serve_places(
    found: Sequence[Place],
    options: ServerOptions,
    run: RunOptions,
    tell: Callable[[str], None] = lambda _: None,
) -> None:
    """Serve the models at these places; `tell` is called with the address once they are ready."""
    check_installed()
    from .http.app import app  # it needs what was checked

    if options.watch_log is not None and len(found) > 1:
        raise WrongUseError("a watch log is for one model, and several are served: leave it out")
    if options.watch_log is not None:
        _check_writable(options.watch_log)
    check_names(found)
    if sys.platform == "win32":
        raise WrongUseError("serving needs Unix sockets, which Python does not have on Windows")
    with ExitStack() as stack:
        listener = stack.enter_context(listen(options.host, options.port))
        log = Log(_STANDARD_OUTPUT, options.log, Mask.of(run.settings.environment))
        stack.callback(log.close)
        if run.seal.seal == "auto" and run.settings.is_image:
            run = replace(run, seal=replace(run.seal, seal="off"))
            log.event("seal", message=_IN_IMAGE)
        models = HostedModels([place.name for place in found], default_of(found))
        errands = Errands()
        stack.enter_context(ended_by_signals(errands, log))
        environments = stack.enter_context(Environments.opened(run))
        observer = ServingObserver(log, Metrics(models), models)
        answer = app(models, HttpSettings(largest=options.largest), observer)
        timing = WebOptions(
            timeout=min(options.limits.timeout, _LONG), grace=min(options.grace, _LONG)
        )
        web = Web(answer, listener, timing, observer, errands.web_ended)
        opener = Opener(
            environments=environments,
            options=run,
            limits=options.limits,
            processes=ProcessLimits(start=min(options.start_timeout, _LONG)),
            log=log,
            changed=errands.folder_changed,
            watch=options.watch,
            watch_log=options.watch_log,
        )
        attendant = Attendant(models, errands, opener, web, reloads=options.reload)
        url = url_of(listener)
        web.start()
        try:
            attendant.load(found)
            log.event("started", url=url, models=", ".join(place.name for place in found))
            tell(_serving(models, url))
            attendant.attend()
        except Stopped as stopped:
            log.event("stopping", signal=stopped.name)
        finally:
            models.stopping = True
            web.stop(attendant.close)
        log.event("stopped")


class Stopped(BaseException):
    """A signal is to end the server."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


@contextmanager
def ended_by_signals(errands: Errands, log: Log) -> Iterator[None]:
    """Stop the server cleanly at the first signal, and at once at the second; reload at SIGHUP.

    The first signal raises Stopped, which this block catches in the end. If that exception gets
    lost, as in code that Python calls to clean up, it is raised again once models are served.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def end(number: int, _: FrameType | None) -> None:
        for each in ending:
            signal.signal(each, signal.default_int_handler)
        stopped = Stopped(signal.Signals(number).name)
        errands.stop(stopped)
        raise stopped

    ending = [getattr(signal, name) for name in _ENDING]
    before = {each: signal.signal(each, end) for each in ending}
    before[signal.SIGHUP] = signal.signal(signal.SIGHUP, lambda *_: errands.reload_all())
    try:
        yield
    except Stopped as stopped:  # it came before the server could answer
        log.event("stopping", signal=stopped.name)
        log.event("stopped")
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _check_writable(file: Path) -> None:
    """Raise WrongUseError for a file that cannot be written to."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise WrongUseError(f"{file} cannot be written: {error.strerror or error}") from error
    if file.is_dir() or not os.access(file.parent, os.W_OK):
        raise WrongUseError(f"{file} cannot be written: name a file in a folder of your own")


def _serving(models: HostedModels, url: str) -> str:
    names = ", ".join(f"{each.name} ({each.environment})" for each in models)
    return f"serving {names} on {url}"


__all__ = ["ServerOptions", "serve", "serve_places"]
