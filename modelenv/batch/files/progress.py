"""The progress of a run over files, in a line: rows, rows per second, and the remaining time."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from .slices.layout import Done


@dataclass(slots=True)
class Pace:
    """The counts of a run in progress."""

    total: int | None
    """The number of rows; None if unknown."""
    sizes: dict[int, int] = field(default_factory=dict)
    """The bytes of the file of each piece, if rows are not counted."""
    clock: Callable[[], float] = time.monotonic
    rows: int = 0
    parts: int = 0
    refused: int = 0
    again: int = 0
    """The number of rows that an earlier run had done."""
    began: float = 0.0
    _read: dict[int, float] = field(default_factory=dict)
    _at_first: float = 0.0

    def __post_init__(self) -> None:
        self.began = self.clock()

    def add(self, done: Done) -> None:
        """Count a batch."""
        self.rows += done.rows
        self.parts += done.batch >= 0
        self.refused += done.refused
        if done.again:
            self.again += done.rows
        share = done.share if done.batch >= 0 else 1.0
        if share is not None:
            self._read[done.piece] = max(share, self._read.get(done.piece, 0.0))
            if done.again:
                self._at_first = self.share or 0.0

    @property
    def seconds(self) -> float:
        """Seconds since the start."""
        return self.clock() - self.began

    @property
    def share(self) -> float | None:
        """The part of the input that is read, from 0 to 1; None if unknown."""
        if self.total:
            return self.rows / self.total
        size = sum(self.sizes.values())
        if not size:
            return None
        return sum(self.sizes.get(each, 0) * read for each, read in self._read.items()) / size

    @property
    def left(self) -> float | None:
        """The expected remaining seconds at the present rate; None if unknown."""
        share = self.share
        before = self.again / self.total if self.total else self._at_first
        if not share or share <= before:
            return None
        return self.seconds * (1 - share) / (share - before)

    def __str__(self) -> str:
        """Return the progress as a line.

        >>> pace = Pace(4_000_000, clock=iter([0.0, 2.0, 2.0]).__next__)
        >>> pace.add(Done(0, 1_000_000, 0)); str(pace)
        'predicting: 1,000,000 of 4,000,000 rows (25 %), 500,000 rows/s, 6 s left'
        """
        seconds = self.seconds
        total = f" of {self.total:,}" if self.total is not None else ""
        share, left = self.share, self.left
        new = self.rows - self.again
        said = [f"{self.rows:,}{total} rows" + (f" ({share:.0%})" if share is not None else "")]
        said[0] = said[0].replace("%)", " %)")
        if new and seconds > 0:
            said.append(f"{new / seconds:,.0f} rows/s")
        if left is not None:
            said.append(f"{duration(left)} left")
        if self.refused:
            said.append(f"{self.refused:,} refused")
        return "predicting: " + ", ".join(said)


def duration(seconds: float) -> str:
    """Return seconds as text, in a suitable unit.

    >>> duration(6.2), duration(95), duration(7300)
    ('6 s', '1 min 35 s', '2 h 1 min')
    """
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    return f"{minutes // 60} h {minutes % 60} min"
