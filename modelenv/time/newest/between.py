"""The lines of a distribution between a good one and a bad one, narrowed by trials."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .limits import ReleaseLine


@dataclass(slots=True)
class Between:
    """Lines in order: the first is good, the last is bad, one of them is the last good one.

    >>> lines = [ReleaseLine(0, 1, number) for number in range(5)]
    >>> between = Between.of(lines, [False, False, False, True, True])
    >>> str(between.middle), between.note(good=True), between.is_closed
    ('1.2', None, False)
    >>> str(between.middle), between.note(good=False), between.is_closed
    ('1.3', None, True)
    """

    lines: list[ReleaseLine]
    broken: list[bool]
    """Whether each of them is known to be bad; empty once one of them turned out otherwise."""
    good: int
    bad: int

    @classmethod
    def of(cls, lines: Sequence[ReleaseLine], broken: Sequence[bool]) -> Between:
        """Return the range of some lines; some are known to be `broken`."""
        return cls([*lines], [*broken], 0, len(lines) - 1)

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
        """The line after the last good one, if all from there on are expected to be bad."""
        expected = self.broken[self.good + 1] and not self._sound
        return self.lines[self.good + 1] if expected else None

    @property
    def middle(self) -> ReleaseLine:
        """The line to try next."""
        return self.lines[self._middle]

    @property
    def _sound(self) -> list[int]:
        """The positions in between without a known break."""
        return [place for place in range(self.good + 1, self.bad) if not self.broken[place]]

    @property
    def _middle(self) -> int:
        if not any(self.broken):
            return (self.good + self.bad) // 2
        return self._sound[-1] if self._sound else self.good + 1

    def drop(self) -> None:
        """Remove the line to be tried: it has no release."""
        place = self._middle
        del self.lines[place], self.broken[place]
        self.bad -= 1

    def note(self, *, good: bool) -> None:
        """Record the result of the line that was tried."""
        place = self._middle
        if self.broken[place] == good:  # it is not as expected
            self.broken = [False] * len(self.lines)
        if good:
            self.good = place
        else:
            self.bad = place
