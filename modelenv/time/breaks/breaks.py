"""Known pickle breaks: objects that a later version of their library does not use as before.

`pickle_breaks.json` has them by distribution. Each was observed: objects of 380 kinds were pickled
with the last release of each minor version and read with that of each later one, and their
predictions were compared; so a bound is a minor version. A named object may be unaffected, since
some breaks depend on the options that a model was made with: of the expected failures 2 in 100 did
not occur.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Literal

from packaging.specifiers import SpecifierSet
from packaging.version import Version

BreakEffect = Literal["load", "predict", "differs"]

_FILE = Path(__file__).parent / "pickle_breaks.json"


@dataclass(frozen=True, slots=True)
class PickleBreak:
    """Versions of a distribution that cannot use the pickles of other versions of it."""

    distribution: str
    names: tuple[str, ...]
    """The globals with affected instances, as pickles name them; ``*`` means any part."""
    written: SpecifierSet
    """The versions that wrote the pickle."""
    read: SpecifierSet
    """The versions that do not use it as the writers did."""
    effect: BreakEffect
    """The step that fails: loading or predicting; `differs`: the prediction changes silently."""
    because: str
    """A sentence for people, without its full stop."""
    says: str = ""
    """A part of the failure's message; empty if it has no distinctive one."""

    @property
    def avoided(self) -> str:
        """Return the line that avoids it, as ``pandas<2.0``; empty if none can."""
        bounds = [each.version for each in self.read if each.operator == ">="]
        return f"{self.distribution}<{bounds[0]}" if bounds else ""

    def concerns(self, named: Iterable[str]) -> bool:
        """Return whether any of a pickle's globals matches `names`."""
        return any(fnmatchcase(name, each) for name in named for each in self.names)

    def stands_between(self, before: Version, after: Version) -> bool:
        """Return whether a pickle of version `before` breaks when version `after` reads it."""
        return self.written.contains(before, prereleases=True) and self.read.contains(
            after, prereleases=True
        )


@cache
def pickle_breaks() -> tuple[PickleBreak, ...]:
    """Return all known breaks."""
    table = json.loads(_FILE.read_text("utf-8"))["breaks"]
    return tuple(
        PickleBreak(
            distribution=distribution,
            names=tuple(each["names"]),
            written=SpecifierSet(each["written"]),
            read=SpecifierSet(each["read"]),
            effect=each["effect"],
            because=each["because"],
            says=each.get("says", ""),
        )
        for distribution, rows in table.items()
        for each in rows
    )


def foreseen_breaks(
    named: Iterable[str], before: Mapping[str, Version], after: Mapping[str, Version]
) -> tuple[PickleBreak, ...]:
    """Return the breaks that may affect a pickle with these globals.

    `before` are the versions, by normalised names, that it was written with; `after` those that
    will read it.

    >>> forest = ["sklearn.ensemble._forest.RandomForestClassifier", "sklearn.tree._tree.Tree"]
    >>> before, after = {"scikit-learn": Version("1.2.2")}, {"scikit-learn": Version("1.9.1")}
    >>> [each.because for each in foreseen_breaks(forest, before, after)]
    ["scikit-learn 1.3 changed the format of a tree's nodes"]
    """
    named = frozenset(named)
    return tuple(
        each
        for each in pickle_breaks()
        if each.distribution in before
        and each.distribution in after
        and each.stands_between(before[each.distribution], after[each.distribution])
        and each.concerns(named)
    )
