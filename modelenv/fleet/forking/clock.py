"""The CPU time spent on one model."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager


class Clock:
    """Counts the CPU time of this thread from its creation, plus that of other processes."""

    def __init__(self, spent: float = 0.0) -> None:
        self._added = spent
        self._began = time.thread_time()

    @property
    def spent(self) -> float:
        """The CPU time in seconds."""
        return self._added + time.thread_time() - self._began

    def add(self, seconds: float) -> None:
        """Add the CPU time of another process."""
        self._added += seconds

    @contextmanager
    def with_children(self) -> Iterator[None]:
        """Add the CPU time of child processes that end meanwhile, also those of other threads."""
        before = os.times()
        try:
            yield
        finally:
            after = os.times()
            self._added += after.children_user - before.children_user
            self._added += after.children_system - before.children_system
