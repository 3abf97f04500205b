"""What was fetched before, on disk: an entry is a file, placed whole, and can go at any time."""

from __future__ import annotations

import json
import os
import tempfile
import time
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

# Changes with what is kept: what another release kept is then not found.
_FORM = "2"


class HttpCache:
    """JSON values by a key, kept in a folder; without one, nothing is kept.

    Keys are hashed into file names, so no address stands there. What cannot be written is not kept,
    what cannot be read was not kept: a cache is never a reason to fail.
    """

    def __init__(self, folder: Path | None = None, clock: Callable[[], float] = time.time) -> None:
        self._folder = folder / _FORM if folder is not None else None
        self.now = clock

    def get(self, kind: str, key: str) -> Any:
        """Return the value that was put, or None."""
        if self._folder is None:
            return None
        try:
            return json.loads(self._file(kind, key).read_bytes())
        except (OSError, ValueError):
            return None

    def put(self, kind: str, key: str, value: Any) -> None:
        """Keep a value; a reader sees the old one or the new one, whole."""
        if self._folder is None:
            return
        file = self._file(kind, key)
        with suppress(OSError):
            file.parent.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=file.parent)
            try:
                with os.fdopen(handle, "w", encoding="utf-8") as out:
                    json.dump(value, out, separators=(",", ":"))
                Path(name).replace(file)
            except OSError:
                Path(name).unlink(missing_ok=True)

    def _file(self, kind: str, key: str) -> Path:
        assert self._folder is not None
        name = sha256(key.encode()).hexdigest()[:40]
        return self._folder / f"{kind}/{name[:2]}/{name[2:]}"
