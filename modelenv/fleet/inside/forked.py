"""Sealing a fork, and running the worker of one model in it.

Travels into other interpreters: Python 3.8 syntax and the standard library only.
"""

from __future__ import annotations

# Instead of `signal`: its enumerations take as long to import as everything else here.
import _signal  # type: ignore[import-not-found]
import os
import sys

from _modelenv_rooms.worker import worker  # type: ignore[import-not-found]
from _modelenv_seal import (  # type: ignore[import-not-found]
    kernel,
    landlock,  # noqa: F401  # a late import would not be found in the fork
    main,
    namespaces,  # noqa: F401
    supervise,
)

TYPE_CHECKING = False  # `typing` is too heavy to travel
if TYPE_CHECKING:
    from typing import Any, NoReturn

UNASKED = "unasked"
"""The file beside the job that lists the given modules that its model did not import."""
_ORDER, _JOB, _PRINTED = "seal", "job.json", "printed"
_OURS = "_modelenv_forks", "_modelenv_seal", "_modelenv_rooms.worker.worker"


def run(folder: str, host: int, shared: Any, kept: frozenset[str]) -> NoReturn:
    """Run the job in `folder` in a seal of its own; exit with the status of its process.

    This is a fork of the process `host`; the model gets only the descriptors in `kept`.
    """
    waiting = supervise.Waiting()
    _print_to(os.path.join(folder, _PRINTED))

    job = os.path.join(folder, _JOB)
    try:
        order = main.Order(os.path.join(folder, _ORDER))
        status = main.run(
            order, host, lambda: _be_worker(job, order, waiting, shared, kept), waiting
        )
        supervise.end_as(status)
    except OSError as error:
        main.refuse("seal", error)
    os._exit(1)


def open_descriptors() -> frozenset[str]:
    """Return the numbers of the open descriptors of this process."""
    return frozenset(os.listdir("/proc/self/fd"))


def _print_to(pipe: str) -> None:
    descriptor = os.open(pipe, os.O_WRONLY)
    os.dup2(descriptor, 1)
    os.dup2(descriptor, 2)
    os.close(descriptor)


def _be_worker(
    job: str, order: main.Order, waiting: supervise.Waiting, shared: Any, kept: frozenset[str]
) -> NoReturn:
    """Run the worker on a job as a new process would, and exit with its status."""
    own = os.getpid()
    code = 1
    try:
        os.chdir(order.folder)
        if order.kind == "namespaces":
            kernel.give_up_capabilities()
        _be_as_new(order, waiting, kept)
        shared.hide()
        sys.argv = [worker.__file__, job]
        sys.modules["__main__"] = worker
        worker.__name__, worker.__spec__ = "__main__", None
        worker.main([job])
        with open(os.path.join(os.path.dirname(job), UNASKED), "w", encoding="utf-8") as file:
            file.write("\n".join(shared.unasked))
        code = 0
    except BaseException:  # noqa: BLE001  # every exception ends the process
        import traceback

        traceback.print_exc()
    if os.getpid() == own:
        _finish()
    os._exit(code)


def _be_as_new(order: main.Order, waiting: supervise.Waiting, kept: frozenset[str]) -> None:
    for number in open_descriptors() - kept:
        try:
            os.close(int(number))
        except OSError:  # the descriptor of the listing itself
            continue
    waiting.leave()
    for signal in (_signal.SIGPIPE, _signal.SIGXFSZ):  # Python's initial handlers
        _signal.signal(signal, _signal.SIG_IGN)
    for name, value in (order.environment or {}).items():
        if os.environb.get(name) != value:
            os.environb[name] = value
    random = sys.modules.get("numpy.random")
    if random is not None:
        random.seed()
    if "tempfile" in sys.modules:
        sys.modules["tempfile"].tempdir = None  # type: ignore[attr-defined]
    for name in [name for name in sys.modules if name.startswith(_OURS)]:
        del sys.modules[name]


def _finish() -> None:
    """Run Python's exit steps, without destroying objects."""
    import atexit

    try:
        if "threading" in sys.modules:
            sys.modules["threading"]._shutdown()
        atexit._run_exitfuncs()
    finally:
        for stream in (sys.stdout, sys.stderr):
            try:
                stream.flush()
            except (OSError, ValueError, AttributeError):
                continue
