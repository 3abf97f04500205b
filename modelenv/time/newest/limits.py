"""Limits on a search for the newest set: versions of distributions, and a Python."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from packaging.specifiers import SpecifierSet
from packaging.version import Version

from ...environments.spec import minor

PYTHON = "python"
"""The name of Python itself among the names that may have to go back."""


@dataclass(frozen=True, slots=True, order=True)
class ReleaseLine:
    """The releases of a distribution that differ in their last numbers alone: 1.2, 1.2.1, 1.2.2."""

    epoch: int
    major: int
    minor: int

    @classmethod
    def of(cls, version: Version) -> ReleaseLine:
        """Return the line of a version.

        >>> str(ReleaseLine.of(Version("1.2.2.post1"))), str(ReleaseLine.of(Version("2024")))
        ('1.2', '2024.0')
        """
        return cls(version.epoch, version.major, version.minor)

    @property
    def specifier(self) -> str:
        """The specifier that admits this line alone: ``==1.2.*``."""
        epoch = f"{self.epoch}!" if self.epoch else ""
        return f"=={epoch}{self.major}.{self.minor}.*"

    def __str__(self) -> str:
        """Return its first numbers."""
        return f"{self.major}.{self.minor}"


@dataclass(frozen=True, slots=True)
class SetLimits:
    """Specifiers by the names of distributions, and the Pythons that are admitted."""

    specifiers: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    python: str = ""
    """The newest minor version that may be chosen; empty: any."""

    def narrowed(self, name: str, specifier: str) -> SetLimits:
        """Return them with one more specifier, added to the existing ones on the name."""
        old = self.specifiers.get(name, "")
        both = str(SpecifierSet(",".join(filter(None, (old, specifier)))))
        return replace(self, specifiers={**self.specifiers, name: both})

    def at(self, name: str, line: ReleaseLine) -> SetLimits:
        """Return them with a name limited to one of its lines; Python too, to no newer one."""
        if name == PYTHON:
            return replace(self, python=str(line))
        return replace(self, specifiers={**self.specifiers, name: line.specifier})

    def admits(self, name: str, version: Version) -> bool:
        """Return whether a version of a distribution may be chosen."""
        said = self.specifiers.get(name)
        return said is None or SpecifierSet(said).contains(version, prereleases=True)

    def admits_python(self, version: str) -> bool:
        """Return whether a Python may be chosen.

        >>> SetLimits(python="3.11").admits_python("3.12.1"), SetLimits().admits_python("3.12.1")
        (False, True)
        """
        return not self.python or python_line(version) <= python_line(self.python)

    @property
    def lines(self) -> Iterator[str]:
        """The specifiers as lines of a constraints file."""
        yield from (f"{name}{said}" for name, said in sorted(self.specifiers.items()))


def python_line(version: str) -> ReleaseLine:
    """Return the line of a Python.

    >>> str(python_line("3.11.7"))
    '3.11'
    """
    return ReleaseLine.of(Version(minor(version)))
