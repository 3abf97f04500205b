"""The seconds of processors that are spent on one model."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager


class Clock:
    """Counts what this thread spends from here on, and what is added of other processes."""

    def __init__(self, spent: float = 0.0) -> None:
        self._added = spent
        self._began = time.thread_time()

    @property
    def spent(self) -> float:
        """Seconds of processors."""
        return self._added + time.thread_time() - self._began

    def add(self, seconds: float) -> None:
        """Add what another process spent."""
        self._added += seconds

    @contextmanager
    def with_children(self) -> Iterator[None]:
        """Add what the processes spent that end meanwhile, those of other threads too."""
        before = os.times()
        try:
            yield
        finally:
            after = os.times()
            self._added += after.children_user - before.children_user
            self._added += after.children_system - before.children_system
