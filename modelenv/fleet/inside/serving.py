"""Import shared modules once, and run each model in a fork of this process, in turn.

    python fork_host.py WORKER STARTER COMMANDS ANSWERS LOOK THREADS ROOT...

WORKER and STARTER are the folders of the worker and of the sealing code. ROOT are the modules to
import; LOOK are others, separated by commas, which are only searched; THREADS are the names of
threads that may survive a fork. The descriptor COMMANDS receives the folders of runs, one per line,
with an order and a job in each. ANSWERS gets one line when the modules are imported, and one at the
end of each run: its status as in waitpid(2), and the CPU time in seconds of all its processes.

This process is in the seal of the environment; a fork seals itself again according to its order,
with the folder of its own model alone. Python 3.8 syntax and the standard library only.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False  # `typing` is too heavy to travel
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import NoReturn

_LINE = 65536


def _package(name: str, *folders: str) -> None:
    """Make the files in `folders` importable as `name`, without an entry on ``sys.path``."""
    module = type(sys)(name)
    module.__path__ = list(folders)
    sys.modules[name] = module


def main(arguments: list[str]) -> NoReturn:
    """Serve as described above, until the other end closes the commands."""
    worker_folder, starter_folder, commands, answers, look, threads, *roots = arguments
    _package("_modelenv_seal", starter_folder)
    _package("_modelenv_rooms")
    _package("_modelenv_rooms.worker", worker_folder)
    table = os.path.join(os.path.dirname(worker_folder), "table")
    _package("_modelenv_rooms.table", table)
    from . import hidden

    _import_worker()
    before = set(sys.modules)
    from . import forked

    hidden.Offered(set(sys.modules) - before).hide()  # a later import gets these
    shared = hidden.Shared.imported(roots)
    _check_threads(threads.split(","), int(answers))
    _freeze()
    kept = forked.open_descriptors() - {commands, answers}
    there = ",".join(filter(_is_there, look.split(",")))
    _tell(int(answers), "ready %s %s" % (sum(os.times()[:2]), there))
    here, known = os.getpid(), set(sys.modules)
    for folder in _lines(int(commands)):
        child = os.fork()
        if not child:
            forked.run(folder, here, shared, kept)
        _, status, used = os.wait4(child, 0)
        for name in set(sys.modules) - known:  # modules that Python imports to print a traceback
            del sys.modules[name]
        _tell(int(answers), "%d %s" % (status, used.ru_utime + used.ru_stime))
    os._exit(0)


def _is_there(name: str) -> bool:
    """Return whether a module could be imported."""
    finders = [getattr(finder, "find_spec", None) for finder in sys.meta_path]
    return bool(name) and any(find and find(name, None) for find in finders)


def _import_worker() -> None:
    """Import the modules that a worker imports before it loads its model."""
    import gc  # noqa: F401
    import json  # noqa: F401
    import pickle  # noqa: F401

    from _modelenv_rooms.worker import values, worker  # type: ignore[import-not-found]  # noqa: F401
    from _modelenv_rooms.worker.comparing import parts  # type: ignore[import-not-found]  # noqa: F401
    from _modelenv_rooms.worker.processes import (  # type: ignore[import-not-found]
        failures,  # noqa: F401
        own,  # noqa: F401
        subinterpreters,  # noqa: F401
    )


def _freeze() -> None:
    """Exempt all objects from garbage collection: a collection in a fork would copy their pages."""
    import gc

    gc.collect()
    gc.freeze()


def _check_threads(known: Sequence[str], answers: int) -> None:
    """Exit if imports left threads that survive a fork and are not `known`.

    OpenBLAS ends its own threads before a fork, and starts them on demand.
    """
    child = os.fork()
    if not child:
        os._exit(0)
    os.waitpid(child, 0)
    own = str(os.getpid())
    found = [_name(thread) for thread in os.listdir("/proc/self/task") if thread != own]
    unknown = sorted(set(found).difference(known, [""]))
    if unknown:
        _tell(answers, "threads %s" % " ".join(unknown))
        os._exit(0)


def _name(thread: str) -> str:
    try:
        with open("/proc/self/task/%s/comm" % thread, encoding="ascii", errors="replace") as file:
            return file.read().strip()
    except OSError:  # it has ended
        return ""


def _tell(answers: int, line: str) -> None:
    os.write(answers, (line + "\n").encode("ascii", "replace"))


def _lines(commands: int) -> Iterator[str]:
    """Yield the received lines, until the other end is closed."""
    rest = b""
    while True:
        block = os.read(commands, _LINE)
        if not block:
            return
        *lines, rest = (rest + block).split(b"\n")
        for line in lines:
            yield os.fsdecode(line)
