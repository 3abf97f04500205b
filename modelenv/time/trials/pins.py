"""A set of pins and the Python that they are for: what a trial is made of."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from packaging.requirements import Requirement
from packaging.version import Version

from ...environments.spec import minor
from ...pins.change.repin import by_name, changes_of


@dataclass(frozen=True, slots=True)
class TrialPins:
    """A whole closure of pins, and the Python that it is for."""

    lines: tuple[str, ...]
    """As lines of a requirements file, sorted by name: ``numpy==2.4.6``."""
    python: str
    """A version, as "3.12" or "3.12.4"; a model runs with any release of the minor version."""

    @classmethod
    def of(cls, lines: Iterable[str], python: str) -> TrialPins:
        """Return some lines as a set: their order does not count.

        >>> TrialPins.of(["numpy==2.4.6", "joblib==1.5.3"], "3.13").lines
        ('joblib==1.5.3', 'numpy==2.4.6')
        """
        named = by_name(lines)
        return cls(tuple(named[name] for name in sorted(named)), python)

    @property
    def by_name(self) -> dict[str, str]:
        """The lines by their normalised names."""
        return by_name(self.lines)

    @property
    def versions(self) -> dict[str, Version]:
        """The versions by normalised names; what is pinned to a URL has none."""
        found = {}
        for name, line in self.by_name.items():
            exact = [each for each in Requirement(line).specifier if each.operator == "=="]
            if len(exact) == 1 and not exact[0].version.endswith(".*"):
                found[name] = Version(exact[0].version)
        return found

    def changes_from(self, before: TrialPins) -> tuple[str, ...]:
        """Return the differences from the set `before` as text, its Python first.

        >>> TrialPins(("a==2",), "3.13").changes_from(TrialPins(("a==1", "b==1"), "3.8.18"))
        ('Python 3.8 -> 3.13', 'a==1 -> a==2', 'without b==1')
        """
        old, new = before.by_name, self.by_name
        pythons = minor(before.python), minor(self.python)
        moved = () if pythons[0] == pythons[1] else (f"Python {pythons[0]} -> {pythons[1]}",)
        gone = (f"without {old[name]}" for name in old if name not in new)
        return (*moved, *changes_of(old, new).values(), *gone)


def any_release(python: str) -> str:
    """Return the specifier of any release of a Python's minor version.

    >>> any_release("3.9.10"), any_release("3.14.0t")
    ('3.9', '3.14t')
    """
    return f"{minor(python)}{'t' if python.endswith('t') else ''}"
