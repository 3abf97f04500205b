"""The place of temporary files: the system's, else memory if nothing else is writable.

In a container with a read-only root, ``/dev/shm`` is the one folder that is usually writable.
"""

from __future__ import annotations

import os
import tempfile

from ..errors import WrongUseError

SHARED_MEMORY = "/dev/shm"  # noqa: S108  # of the system, with that name


class NoScratchError(WrongUseError):
    """No folder is writable, so nothing can be run."""

    def __str__(self) -> str:
        return (
            f"no folder can be written to, neither /tmp nor {SHARED_MEMORY}, and a run needs one:"
            " mount one at /tmp (docker run --tmpfs /tmp; an emptyDir in Kubernetes), or set TMPDIR"
        )


def temporary_folder() -> str:
    """Return the folder in which temporary files are made. Raises NoScratchError."""
    try:
        return tempfile.gettempdir()
    except FileNotFoundError as error:
        if os.path.isdir(SHARED_MEMORY) and os.access(SHARED_MEMORY, os.W_OK | os.X_OK):  # noqa: PTH112
            return SHARED_MEMORY
        raise NoScratchError from error
