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
# Systems record the time of a change in steps of at most this.
_STEP_NS = 2 * 10**9


@dataclass(frozen=True, slots=True)
class Content:
    """The content of a file: equal where the bytes are."""

    digest: bytes
    stamp: tuple[int, ...] | None = field(compare=False)
    """File metadata that changes with any other write; None where the system has none."""

    @classmethod
    def of(cls, described: Mapping[str, Any], before: Content | None = None) -> Content | None:
        """Return the content of the described file; None where it cannot be read.

        It is hashed, unless it is the very file that was seen `before`, unchanged. A file at
        another path may be the same: an edit of the folder links it there.
        """
        try:
            with open_file(Path(described["file"]), links=True) as stream:
                stamp = _stamp(os.fstat(stream.fileno()))
                if before is not None and stamp is not None and stamp == before.stamp:
                    return before
                digest = hashlib.sha256()
                while block := stream.read(_BLOCK):
                    digest.update(block)
        except (OSError, KeyError, UntrustedFileError):  # its reader will report that
            return None
        return cls(digest.digest(), stamp)


def _stamp(status: os.stat_result) -> tuple[int, ...] | None:
    """Return the identity of a file and its last change; None where another could have the same.

    The time of a status change cannot be set by users. It proves nothing for a file that was
    changed just now, and on Windows it means something else.
    """
    if os.name != "posix" or time.time_ns() - status.st_ctime_ns < _STEP_NS:
        return None
    times = status.st_mtime_ns, status.st_ctime_ns
    return status.st_dev, status.st_ino, status.st_size, *times
