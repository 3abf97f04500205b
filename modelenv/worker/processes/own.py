"""Prepare a process before it runs a model.

Travels into other interpreters: Python 3.8 syntax and the standard library only.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False  # `typing` is too heavy to travel
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

_LOADER = "_modelenv_loader"


def limit_memory(size: int) -> None:
    """Limit the data of each process of this run to `size` bytes."""
    try:
        import resource
    except ImportError as error:  # Windows
        raise OSError("this system cannot limit the memory of a process") from error
    # Reserved memory counts for RLIMIT_AS: libraries with threads reserve gigabytes.
    kind = resource.RLIMIT_DATA if sys.platform == "linux" else resource.RLIMIT_AS
    resource.setrlimit(kind, (size, size))


def set_path(here: str, path: Sequence[str] | None, code: Sequence[str]) -> None:
    """Set ``sys.path`` to what the model would have without our script in `here`.

    `path` is all of it, if it is known; the folders `code` come first.
    """
    if path is not None:
        sys.path[:] = path
    elif os.path.abspath(sys.path[0]) == here:  # false with -I or -P
        del sys.path[0]
    sys.path[:0] = code


def load_model(loader: str, data: str) -> Any:
    """Return the model that the file `loader`, which travels with it, loads from `data`."""
    folder, file = os.path.split(loader)
    package = type(sys)(_LOADER)
    package.__path__ = [folder]
    sys.modules[_LOADER] = package
    name = os.path.splitext(file)[0]
    module = getattr(__import__("%s.%s" % (_LOADER, name)), name)
    return module._load_pyfunc(data)


def give_way() -> None:
    """Ask the system to kill this process, rather than its parent, when memory runs out (Linux)."""
    try:
        fd = os.open("/proc/self/oom_score_adj", os.O_WRONLY)
    except OSError:
        return
    try:
        os.write(fd, b"1000")
    except OSError:
        pass  # the system does not permit it
    finally:
        os.close(fd)
