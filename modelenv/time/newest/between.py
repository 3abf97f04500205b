"""The lines of a distribution between a good one and a bad one, narrowed by what is tried."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .limits import ReleaseLine


@dataclass(slots=True)
class Between:
    """Lines in their order: the first is good, the last is bad, one of them is the last good one.

    >>> lines = [ReleaseLine(0, 1, number) for number in range(5)]
    >>> between = Between.of(lines, [False, False, False, True, True])
    >>> str(between.middle), between.note(good=True), between.is_closed
    ('1.2', None, False)
    >>> str(between.middle), between.note(good=False), between.is_closed
    ('1.3', None, True)
    """

    lines: list[ReleaseLine]
    hint: int | None
    """The place of the line that is expected to be the last good one; None: nobody knows."""
    good: int
    bad: int

    @classmethod
    def of(cls, lines: Sequence[ReleaseLine], broken: Sequence[bool]) -> Between:
        """Return some lines, of which some are known to be `broken`."""
        hint = [*broken].index(True) - 1 if any(broken[1:]) else None
        return cls([*lines], hint, 0, len(lines) - 1)

    @property
    def is_closed(self) -> bool:
        """Whether nothing is left to try."""
        return self.bad - self.good <= 1

    @property
    def last_good(self) -> ReleaseLine:
        """The newest line that is known to be good."""
        return self.lines[self.good]

    @property
    def next_line(self) -> ReleaseLine | None:
        """The line behind the last good one, if it is expected to be bad."""
        return self.lines[self.good + 1] if self.hint == self.good else None

    @property
    def middle(self) -> ReleaseLine:
        """The line to try next."""
        return self.lines[self._middle]

    @property
    def _middle(self) -> int:
        if self.hint is not None and self.good <= self.hint < self.bad:
            return max(self.hint, self.good + 1)
        return (self.good + self.bad) // 2

    def drop(self) -> None:
        """Take the line out that was to be tried: there is nothing of it."""
        place = self._middle
        del self.lines[place]
        self.bad -= 1
        if self.hint is not None and self.hint >= place:
            self.hint -= 1

    def note(self, *, good: bool) -> None:
        """Take note of what came of the line that was tried."""
        place = self._middle
        if good:
            self.hint = place if self.hint == place else None
            self.good = place
        else:
            self.hint = self.hint if self.hint == self.good else None
            self.bad = place
