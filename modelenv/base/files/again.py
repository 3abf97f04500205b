"""Retrying an operation on a folder that others changed meanwhile."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from contextlib import ExitStack
from itertools import count
from pathlib import Path
from typing import Protocol, TypeVar

from ..errors import ModelenvError
from ..siblings import envfiles, resolver

Made = TypeVar("Made")


class Standing(Protocol):
    """A folder as it was read."""

    @property
    def path(self) -> Path:
        """The path of the folder."""

    @property
    def is_changed(self) -> bool:
        """Whether the folder has changed since it was read."""


Read = TypeVar("Read", bound=Standing)


def done_again(
    folder: str | os.PathLike[str],
    read: Callable[[str | os.PathLike[str]], Read],
    make: Callable[[Read], Made],
    report: Callable[[str], None],
    *,
    longest: float,
    most: int,
) -> Made:
    """Return `make(read(folder))`, repeated while others change the folder.

    An error that `make` raises over a changed folder may come from a mixture of both states, and is
    retried too. No attempt starts after `longest` seconds or `most` attempts; each retry is
    reported by `report`. Raises TargetChanged, and what `make` raises.
    """
    limit = time.monotonic() + longest
    with ExitStack() as turn:
        for attempt in count():
            model = read(folder)
            try:
                return make(model)
            except (OSError, ModelenvError, envfiles.EnvFilesError, resolver.ResolverError):
                spent = time.monotonic() > limit or attempt + 1 >= most
                if spent or not model.is_changed:
                    raise
            report("somebody else changed the folder meanwhile: doing it again")
            if attempt == 0:  # the lock is held until it is done
                left = limit - time.monotonic()
                turn.enter_context(envfiles.waiting_turn(model.path, patience=left))
    raise AssertionError("it is returned or raised")
