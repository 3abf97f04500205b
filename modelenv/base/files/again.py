"""Do again what is made of a folder that somebody else changed meanwhile."""

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
    """A folder that was read."""

    @property
    def path(self) -> Path:
        """Where it is."""

    @property
    def is_changed(self) -> bool:
        """Whether it is another by now."""


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
    """Return what `make` makes of a folder as it is read; where others change it, do it again.

    What it raises over a folder that is another by now may come from a mixture of both. Nothing is
    begun anew after the `longest` time, in seconds, nor after the `most` attempts; `report` is
    told. Raises TargetChanged, and what `make` raises.
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
            if attempt == 0:  # its turn is kept until it is done
                left = limit - time.monotonic()
                turn.enter_context(envfiles.waiting_turn(model.path, patience=left))
    raise AssertionError("it is returned or raised")
