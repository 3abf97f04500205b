"""The content of a recorded prediction's file, to detect whether it changes."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ...base.files.bounded import UntrustedFileError, open_file

_BLOCK = 1 << 20
# File systems record the time of a change in steps of at most this.
_STEP_NS = 2 * 10**9


@dataclass(frozen=True, slots=True)
class Content:
    """A file's content, as a value that is equal for equal bytes."""

    digest: bytes
    stamp: tuple[int, ...] | None = field(compare=False)
    """File metadata that changes with any further write; None if the system has none."""

    @classmethod
    def of(cls, described: Mapping[str, Any], before: Content | None = None) -> Content | None:
        """Return the content of the described file, or None if it cannot be read.

        The file is hashed, unless it is the same, unchanged file as in `before`. It may be the same
        at another path, since an edit of the folder hard-links it.
        """
        try:
            with open_file(Path(described["file"]), links=True) as stream:
                stamp = _stamp(os.fstat(stream.fileno()))
                if before is not None and stamp is not None and stamp == before.stamp:
                    return before
                digest = hashlib.sha256()
                while block := stream.read(_BLOCK):
                    digest.update(block)
        except (OSError, KeyError, UntrustedFileError):  # the next reader of the file reports that
            return None
        return cls(digest.digest(), stamp)


def _stamp(status: os.stat_result) -> tuple[int, ...] | None:
    """Return a file's identity and last change; None if another content could have the same.

    Users cannot set the time of a status change. It proves nothing for a file that was changed just
    now, and on Windows it has another meaning.
    """
    if os.name != "posix" or time.time_ns() - status.st_ctime_ns < _STEP_NS:
        return None
    times = status.st_mtime_ns, status.st_ctime_ns
    return status.st_dev, status.st_ino, status.st_size, *times
