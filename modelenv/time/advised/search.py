"""The search for a set that fixes advisories and moves as little else as possible.

First all fixes are applied at once, each with the nearest fixed minor version, at its newest patch.
If that is not good, they are applied one after the other; and one that is not good at its
nearest version, at its newest.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from ...environments.spec import Report, silent
from ...folder.documents.code_by_value import CompiledCodeError
from ..newest.limits import SetLimits
from ..newest.sets import NewestSets
from ..trials.trials import Trials
from ..trials.tried import Tried
from .advised import Mending


@dataclass(slots=True)
class MendingSearch:
    """One search; `sets_for` makes the sets in which some lines hold, and the rest stays."""

    sets_for: Callable[[tuple[str, ...]], NewestSets]
    trials: Trials
    most: int
    """The most sets that are tried."""
    report: Report = silent
    refused: dict[str, str] = field(default_factory=dict)
    """The result of the last trial of each name that is not fixed."""
    sets: NewestSets | None = None
    """The sets that the best one was chosen from."""

    def run(self, mendings: Sequence[Mending]) -> Tried | None:
        """Return the trial of the best set; None if no set is good."""
        best = self._tried(tuple(each.near for each in mendings))
        if best is not None and best.good:
            return best
        kept: tuple[str, ...] = ()
        found: Tried | None = None
        for mending in mendings:
            for line in (mending.near, mending.line):
                tried = self._tried((*kept, line))
                if tried is not None and tried.good:
                    kept, found = (*kept, line), tried
                    self.refused.pop(mending.name, None)
                    break
                self.refused[mending.name] = _said(line, tried)
        return found

    def _tried(self, lines: tuple[str, ...]) -> Tried | None:
        """Try the newest set with some lines; None if there is none, or the trials are spent."""
        sets = self.sets_for(lines)
        pins = sets.within(SetLimits())
        if pins is None or (pins not in self.trials.known and self.trials.builds >= self.most):
            return None
        self.report(f"trying {', '.join(lines)}")
        try:
            found = self.trials.run(pins)
        except CompiledCodeError:
            return None
        if found.good:
            self.sets = sets
        return found


def _said(line: str, tried: Tried | None) -> str:
    """Return the result of a trial of a line."""
    if tried is None:
        return f"there is no set with {line}"
    return f"with {line} {tried.verdict.reason}"
